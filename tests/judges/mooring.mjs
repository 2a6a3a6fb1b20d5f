// The real `mooring` as a child process, for tests that drive it from outside.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DEBUG = fileURLToPath(new URL('../../target/debug/mooring', import.meta.url));

/** Starts it on free ports with nothing kept; answers when it serves. */
export async function startMooring(...options) {
  const binary = process.env.MOORING_BIN ?? DEBUG;
  const args = ['--port', '0', '--simulator-port', '0', '--memory', ...options];
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^ready (\S+) (\S+)$/.exec(line);
    if (ready) return { product: ready[1], simulator: ready[2], kill };
  }
  throw new Error(`${binary} ended before it served`);
}
