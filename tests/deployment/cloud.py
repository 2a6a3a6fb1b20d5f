"""An AWS on this machine, the template deployed to it as an operator does, and a `mooring` that stands for the rest of
the world: the SaaS that makes tokens, and the simulated platforms."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get('CARGO_TARGET_DIR', ROOT / 'target')).resolve()
WORK = TARGET / 'deployment'
REGION = 'eu-central-1'
STACK = 'mooring'
FUNCTIONS = ['oauth-start', 'oauth-callback', 'accounts', 'easyconnect', 'platform-callbacks', 'sweep', 'deliver', 'sync',
             'housekeeping']
# Programs of the two environments that tests/run makes, and one that it builds.
EMULATOR = [WORK / 'venv/emulator/bin/python', '-B', ROOT / 'tests/deployment/emulator.py']
SAM = WORK / 'venv/tools/bin/sam'
CONFORMANCE = TARGET / 'debug/examples/vault_conformance'
FRONTEND = 'https://app.example'
RETURN_URL = f'{FRONTEND}/'


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode()

    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f'{self.status} {dict(self.headers)} {self.text[:2000]}'


def request(port, method, path, body=None, headers=None):
    """One call to this machine; redirects are not followed."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=40)
    try:
        connection.request(method, path, body, headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def environment(**more):
    """What a program is told: nothing of this shell's own AWS, and a home of its own."""
    home = WORK / 'home'
    (home / 'tmp').mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ('PATH', 'LANG') if name in os.environ}
    return {**kept, 'HOME': str(home), 'TMPDIR': str(home / 'tmp'), **more}


class Process:
    """A program beside this one; what it says goes to a file. It is in our process group, so that whoever ends that
    ends it too."""

    def __init__(self, name, command, env):
        self.log = WORK / f'{name}.log'
        self.output = self.log.open('wb')
        self.child = subprocess.Popen(
            command, env=env, cwd=WORK, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output)

    def until(self, look, seconds, what):
        """Looks until there is something to see."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.child.poll() is None:
            if (seen := look()) is not None:
                return seen
            time.sleep(0.1)
        raise AssertionError(f'{what}: not within {seconds} s\n{self.log.read_text()[-4000:]}')

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.output.close()


class Mooring:
    """The local server, of which only the issuer of tokens and the simulated platforms are used."""

    def __init__(self):
        binary = Path(os.environ.get('MOORING_BIN', TARGET / 'debug/mooring')).resolve()
        options = ['--port', '0', '--simulator-port', '0', '--memory', '--manual', '--no-demo']
        self.process = Process('mooring', [binary, *options], environment())
        product, simulator = self.process.until(self._ready, 60, 'mooring serves')
        self.port, self.simulator = int(product.rsplit(':')[-1]), int(simulator.rsplit(':')[-1])

    def _ready(self):
        said = self.process.log.read_text().splitlines()
        return next((line.split()[1:3] for line in said if line.startswith('ready ')), None)

    def token(self, **claims):
        made = request(self.port, 'POST', '/v1/dev/tokens', json.dumps(claims))
        assert made.status == 201, made
        return made.json()['token']

    def register(self, app):
        done = request(self.simulator, 'PUT', '/_sim/apps', json.dumps(app))
        assert done.status == 200, done


class Cloud:
    """The emulator with the stack in it."""

    def __init__(self, mooring):
        self.port = free_port()
        self.endpoint = f'http://127.0.0.1:{self.port}'
        aws = {
            'AWS_ENDPOINT_URL': self.endpoint, 'AWS_DEFAULT_REGION': REGION, 'AWS_REGION': REGION,
            'AWS_ACCESS_KEY_ID': 'test', 'AWS_SECRET_ACCESS_KEY': 'test',
        }
        settings = {
            'BIND_HOST': '127.0.0.1', 'GATEWAY_PORT': str(self.port), 'IOT_MTLS_ENABLED': '0',
            'LAMBDA_EXECUTOR': 'local', 'MINISTACK_REGION': REGION,
        }
        self.process = Process('emulator', EMULATOR, environment(**aws, **settings))
        self.process.until(self._healthy, 60, 'the emulator serves')
        self._deploy(mooring, environment(**aws, SAM_CLI_TELEMETRY='0'))
        outputs = self.client('cloudformation').describe_stacks(StackName=STACK)['Stacks'][0]['Outputs']
        self.outputs = {output['OutputKey']: output['OutputValue'] for output in outputs}

    def _healthy(self):
        try:
            return request(self.port, 'GET', '/_ministack/health').status == 200 or None
        except OSError:
            return None

    def _deploy(self, mooring, env):
        """The debug binaries take the places of those that an operator builds; paths are relative to the template."""
        project = WORK / 'project'
        for name in FUNCTIONS:
            place = project / 'target/lambda' / name
            place.mkdir(parents=True)
            subprocess.run(['strip', '-o', place / 'bootstrap', TARGET / 'debug' / name], check=True, timeout=60)
        for name in ('template.yaml', 'samconfig.toml'):
            shutil.copy(ROOT / name, project)
        parameters = {
            'JwtIssuer': 'https://dev.mooring.invalid',
            'JwksUrl': f'http://127.0.0.1:{mooring.port}/.well-known/jwks.json',
            # The local issuer's tokens outlive every move of the clock.
            'TokenLife': 10**12,
            'ReturnUrls': RETURN_URL,
            'CorsOrigins': FRONTEND,
            'SimulatorUrl': f'http://127.0.0.1:{mooring.simulator}/',
            'Architecture': 'x86_64',
        }
        command = [SAM, 'deploy', '--no-confirm-changeset', '--parameter-overrides']
        command += [f'{name}={value}' for name, value in parameters.items()]
        done = subprocess.run(
            command, cwd=project, env=env, timeout=180, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION,
            aws_access_key_id='test', aws_secret_access_key='test')

    def function(self, name):
        """The deployed function of a resource of the template."""
        return next(function for function in self.outputs['Functions'].split() if name in function)

    def invoke(self, name, said):
        """What a function answers to whom may call it, and whether it failed."""
        answer = self.client('lambda').invoke(FunctionName=self.function(name), Payload=json.dumps(said))
        return json.loads(answer['Payload'].read()), 'FunctionError' in answer

    def call(self, method, path, body=None, token=None, **headers):
        """One call to the deployed API."""
        sent = {name.replace('_', '-'): value for name, value in headers.items()}
        sent['host'] = f'{self.outputs["ApiId"]}.execute-api.localhost'
        if token:
            sent['authorization'] = f'Bearer {token}'
        if body is not None:
            sent['content-type'] = 'application/json'
            body = json.dumps(body)
        return request(self.port, method, path, body, sent)
