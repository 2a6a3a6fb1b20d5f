"""The template, deployed: an account is connected through the HTTP API, every route is there, and what is missing is
noticed."""

import base64
import datetime
import hashlib
import hmac
import json
import re
import shutil
import subprocess
import unittest
from urllib.parse import parse_qs, urlencode, urlsplit

from botocore.exceptions import ClientError

import cloud
from cloud import Cloud, Mooring, request
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SCHEDULED = {
    'SweepFunction': 'rate(1 minute)', 'DeliverFunction': 'rate(1 minute)', 'SyncFunction': 'rate(5 minutes)',
    'HousekeepingFunction': 'rate(1 hour)'}
# No web page may read what it answers.
FOR_PLATFORMS = 'PlatformCallbacksFunction'
APP = {'platform': 'x', 'client_id': 'deployed-x', 'client_secret': 'deployed-secret'}
# One path of each function.
SHARED = [
    '/v1/platforms', '/v1/connect-sessions/nobody', '/v1/connect-sessions/nobody/candidates',
    '/v1/easyconnect-links/nobody']
PAGES = ['/docs', '/docs/errors', '/docs/errors/not_found']


def operations():
    """Every operation of the API document as (method, path with some id in it, whether it needs a token)."""
    document = json.loads((cloud.ROOT / 'infra/openapi.json').read_text())
    for path, methods in document['paths'].items():
        for method, operation in methods.items():
            yield method.upper(), re.sub(r'\{\w+\}', 'nobody', path), 'x-permission' in operation


def schemas():
    """A reader for each type of event, by the committed schemas."""
    files = {path.name: json.loads(path.read_text()) for path in (cloud.ROOT / 'infra/events').glob('*.json')}
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in files.items())
    for schema in files.values():
        Draft202012Validator.check_schema(schema)
    checks = Draft202012Validator.FORMAT_CHECKER
    return {
        name.removesuffix('.json'): Draft202012Validator(schema, registry=registry, format_checker=checks)
        for name, schema in files.items()}


class Schemas(unittest.TestCase):
    def test_a_reader_that_nobody_here_wrote_reads_the_events_by_their_schemas(self):
        """CHK-S16"""
        read = 0
        for kind, reader in schemas().items():
            for example in reader.schema.get('examples', []):
                reader.validate(example)
                data = example['data']
                for odd in ({**example, 'token': 't'}, {**example, 'data': {**data, 'token': 't'}},
                            {**example, 'type': 'account.exploded'}, {**example, 'data': {}}):
                    self.assertFalse(reader.is_valid(odd), f'{kind}: {odd}')
                read += 1
        self.assertGreater(read, 12)


class Deployment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for rest in ('project', 'home'):
            shutil.rmtree(cloud.WORK / rest, ignore_errors=True)
        cls.mooring = Mooring()
        cls.addClassCleanup(cls.mooring.process.stop)
        cls.aws = Cloud(cls.mooring)
        cls.addClassCleanup(cls.aws.process.stop)
        cls.public = cls.aws.outputs['PublicUrl']
        cls.mooring.register({**APP, 'redirect_uris': [f'{cls.public}v1/oauth/callback/x']})
        apps = '[[app]]\n' + ''.join(f'{key} = "{value}"\n' for key, value in APP.items())
        cls.aws.client('secretsmanager').put_secret_value(SecretId=cls.aws.outputs['AppsSecret'], SecretString=apps)
        cls.owner = cls.mooring.token(workspace='ws_1', role='owner', plan='starter')

    def ours(self, answer, what):
        """An answer of our own function: with our request id, and a problem as we tell problems."""
        self.assertIn('x-request-id', answer.headers, f'{what}: not our answer: {answer}')
        self.assertLess(answer.status, 500, f'{what}: {answer}')
        if answer.status >= 400:
            self.assertEqual(answer.headers['content-type'], 'application/problem+json', f'{what}: {answer}')
            self.assertEqual(answer.json()['request_id'], answer.headers['x-request-id'], what)
        return answer

    def every_route_is_ours(self):
        walked = 0
        for method, path, protected in operations():
            what = f'{method} {path}'
            stranger = self.ours(self.aws.call(method, path), what)
            if protected:
                self.assertEqual((stranger.status, stranger.json()['code']), (401, 'unauthenticated'), what)
                known = self.ours(self.aws.call(method, path, token=self.owner), what)
                self.assertNotEqual(known.status, 401, f'{what}: {known}')
            walked += 1
        self.assertGreater(walked, 20)
        for page in PAGES:
            answer = self.ours(self.aws.call('GET', page), page)
            self.assertLess(answer.status, 400, f'{page}: {answer}')
        stylesheet = re.search(r'href="(/assets/[^"]+\.css)"', self.aws.call('GET', PAGES[-1]).text)[1]
        answer = self.ours(self.aws.call('GET', stylesheet), stylesheet)
        self.assertEqual(answer.headers['content-type'], 'text/css; charset=utf-8')

    def only_a_listed_page_may_read(self):
        for path in SHARED:
            for origin in (cloud.FRONTEND, f'{cloud.FRONTEND}.evil.example', 'null'):
                answer = self.ours(self.aws.call('GET', path, token=self.owner, origin=origin), path)
                what = f'{path} from {origin}: {answer}'
                listed = origin if origin == cloud.FRONTEND else None
                self.assertEqual(answer.headers['access-control-allow-origin'], listed, what)
                self.assertIn('origin', answer.headers['vary'], what)

    def path_of(self, address):
        self.assertTrue(address.startswith(self.public), address)
        return '/' + address.removeprefix(self.public)

    def consent(self, location, person):
        """A person agrees at the platform; answers with our path that the browser is sent to."""
        to = urlsplit(location)
        consent = request(
            self.mooring.simulator, 'POST', f'{to.path}?{to.query}', urlencode({'person': person, 'decision': 'approve'}),
            {'host': to.netloc, 'content-type': 'application/x-www-form-urlencoded'})
        return self.path_of(consent.headers['location'])

    def connect(self, workspace, person):
        """An account of a person at X; answers with its path and with the owner's token."""
        call, owner = self.aws.call, self.mooring.token(workspace=workspace, role='owner', plan='starter')
        made = call('POST', f'/v1/workspaces/{workspace}/connect-sessions', {'platform': 'x'}, owner)
        self.assertEqual(made.status, 201, made)
        start = self.path_of(made.json()['start_url'])
        going = call('POST', start, origin=self.public.rstrip('/'), sec_fetch_site='same-origin')
        consented = self.consent(going.headers['location'], person)
        cookie = going.headers['set-cookie'].split(';')[0]
        landed = call('GET', consented, cookie=cookie)
        self.assertEqual(landed.status, 200, landed)
        listed = call('GET', f'/v1/workspaces/{workspace}/accounts', token=owner)
        return f'/v1/accounts/{listed.json()["data"][0]["id"]}', owner

    def hold_schedules_still(self):
        """What happens now does not happen by the clock."""
        rules = self.aws.client('events')
        for rule in self.schedules().values():
            rules.disable_rule(Name=rule['Name'])
            self.addCleanup(rules.enable_rule, Name=rule['Name'])

    def fetched(self, account, owner):
        """An account whose data has been fetched, which nobody but the bus has begun."""

        def look():
            read = self.aws.call('GET', account, token=owner)
            self.assertEqual(read.status, 200, read)
            sync = read.json()['sync']
            return read.json() if sync['last_ok_at'] and not sync['in_flight'] else None

        return self.aws.process.until(look, 40, f'{account} is fetched')

    def test_an_account_s_data_is_fetched_when_somebody_asks(self):
        events = self.listen('asked')
        self.hold_schedules_still()
        account, owner = self.connect('ws_sync', 'demo-06')
        before = self.fetched(account, owner)
        asked = self.aws.call('POST', f'{account}/syncs', {}, owner)
        self.assertEqual((asked.status, asked.json()['state']), (202, 'queued'), asked)
        run = asked.headers['location']

        def look():
            read = self.aws.call('GET', run, token=owner)
            self.assertIn(read.json().get('state'), ('queued', 'running', 'succeeded'), read)
            return read.json() if read.json()['state'] == 'succeeded' else None

        self.aws.process.until(look, 40, f'{run} succeeds')
        after = self.fetched(account, owner)
        self.assertGreater(after['sync']['last_ok_at'], before['sync']['last_ok_at'])
        self.assertGreaterEqual(after['metrics_latest']['followers']['value'], 0, after)
        listed = self.aws.call('GET', f'{account}/syncs', token=owner).json()['data']
        self.assertEqual([f'/v1/runs/{one["id"]}' for one in listed][0], run)
        self.assertEqual(len(listed), 2, listed)
        figures = self.aws.call('GET', f'{account}/metrics?keys=followers', token=owner)
        self.assertEqual(figures.status, 200, figures)
        heard = [(kind, detail) for kind, detail in events() if detail['workspace_id'] == 'ws_sync']
        kinds = [kind for kind, _ in heard]
        self.assertEqual((kinds.count('sync.requested'), kinds.count('account.synced')), (1, 2), kinds)
        readers = schemas()
        for kind, detail in heard:
            readers[kind].validate(detail)
        self.metrics_are_told('sync', 'succeeded')

    def metrics_are_told(self, function, name):
        """A line of the embedded metric format, as it is in the log, says that there was something of this."""

        def told(line):
            if not line.startswith('{"') or '"_aws"' not in line:
                return False
            line = json.loads(line)
            directive, = line['_aws']['CloudWatchMetrics']
            named = [metric['Name'] for metric in directive['Metrics']]
            return (line['Function'], directive['Namespace']) == (function, 'Mooring') and name in named and line[name] > 0

        self.aws.process.until(lambda: any(map(told, self.log_lines())) or None, 20, f'{name} of {function} is told')

    def test_an_account_is_connected_through_the_api(self):
        self.hold_schedules_still()
        events = self.listen('connected')
        call, owner = self.aws.call, self.owner
        ask = {'platform': 'x', 'return_url': f'{cloud.RETURN_URL}done'}
        made = call('POST', '/v1/workspaces/ws_1/connect-sessions', ask, owner)
        self.assertEqual(made.status, 201, made)
        start = self.path_of(made.json()['start_url'])

        page = call('GET', start, accept='text/html')
        self.assertEqual(page.status, 200, page)
        self.assertIn('Continue', page.text)
        going = call('POST', start, origin=self.public.rstrip('/'), sec_fetch_site='same-origin')
        self.assertEqual(going.status, 303, going)
        cookie = going.headers['set-cookie'].split(';')[0]
        self.assertTrue(cookie.startswith('__Host-cs-'), cookie)

        back = self.consent(going.headers['location'], 'acme')
        stranger = call('GET', back)
        self.assertEqual(self.ours(stranger, 'another browser').status, 400, stranger)
        landed = call('GET', back, cookie=cookie)
        self.assertEqual(landed.status, 303, landed)
        self.assertEqual(landed.headers['location'], f'{cloud.RETURN_URL}done?session={made.json()["id"]}')

        listed = call('GET', '/v1/workspaces/ws_1/accounts', token=owner)
        self.assertEqual([account['handle'] for account in listed.json()['data']], ['acme'], listed)
        account = f'/v1/accounts/{listed.json()["data"][0]["id"]}'
        self.fetched(account, owner)
        read = call('GET', account, token=owner)
        self.assertEqual((read.status, read.json()['platform']), (200, 'x'), read)
        main = call('PUT', f'{account}/main', token=owner)
        self.assertEqual((main.status, main.json()['is_main']), (200, True), main)
        tokens = self.tokens_lie_in_a_secret_of(read.json()['grant']['id'])
        left = call('POST', f'{account}/disconnect', {}, owner)
        self.assertEqual((left.status, left.json()['revocation']['status']), (200, 'revoked'), left)
        self.assertEqual(self.grants(), [])
        heard = events()
        self.assertEqual(
            sorted(kind for kind, _ in heard),
            ['account.connected', 'account.disconnected', 'account.main_changed', 'account.synced',
             'connect_session.completed'])
        self.assertEqual({detail['workspace_id'] for _, detail in heard}, {'ws_1'})
        readers = schemas()
        for kind, detail in heard:
            readers[kind].validate(detail)
        query = parse_qs(urlsplit(back).query)
        self.logs_hold_none_of(
            [owner, APP['client_secret'], cookie.split('=')[1], *query['state'], *query['code'], *tokens])

    def test_a_client_connects_from_a_link(self):
        events = self.listen('link')
        call = self.aws.call
        owner = self.mooring.token(workspace='ws_link', role='owner', plan='professional')
        ask = {'title': 'Welcome', 'items': [{'platform': 'x', 'kind': 'profile'}], 'password': 'harbour lights'}
        made = call('POST', '/v1/workspaces/ws_link/easyconnect-links', ask, owner)
        self.assertEqual(made.status, 201, made)
        address = self.path_of(made.json()['url'])
        secret = address.rsplit('/', 1)[1]

        landed = call('GET', address, accept='text/html')
        self.assertEqual((landed.status, landed.headers['location']), (303, '/c'), landed)
        self.assertTrue(landed.headers['set-cookie'].startswith('__Host-visit='), landed)
        page = call('GET', '/c', accept='text/html', cookie=landed.headers['set-cookie'].split(';')[0])
        self.assertEqual(page.status, 200, page)
        self.assertIn('ws_link', page.text)

        visits = '/v1/public/easyconnect/visits'
        wrong = call('POST', visits, {'token': secret, 'password': 'something else'})
        self.assertEqual((wrong.status, wrong.json()['code']), (401, 'link_password_wrong'), wrong)
        opened = call('POST', visits, {'token': secret, 'password': 'harbour lights'})
        self.assertEqual(opened.status, 201, opened)
        visit = opened.json()['visit_token']
        begun = call('POST', '/v1/public/easyconnect/visit/connect-sessions', {'item': 1}, visit)
        self.assertEqual(begun.status, 201, begun)
        start = self.path_of(begun.json()['start_url'])
        going = call('POST', start, origin=self.public.rstrip('/'), sec_fetch_site='same-origin')
        cookie = going.headers['set-cookie'].split(';')[0]
        consented = self.consent(going.headers['location'], 'demo-05')
        back = call('GET', consented, cookie=cookie)
        self.assertEqual(back.status, 303, back)
        session = f"/v1/public/easyconnect/visit/connect-sessions/{begun.json()['id']}"
        offered = call('GET', f'{session}/candidates', token=visit)
        self.assertEqual(offered.status, 200, offered)
        chosen = call('POST', f'{session}/selection', {'candidate_ids': [offered.json()['data'][0]['id']]}, visit)
        self.assertEqual((chosen.status, chosen.json()['status']), (200, 'completed'), chosen)
        read = call('GET', f"/v1/easyconnect-links/{made.json()['id']}", token=owner)
        self.assertEqual((read.status, read.json()['status']), (200, 'completed'), read)
        listed = call('GET', '/v1/workspaces/ws_link/accounts', token=owner)
        self.fetched(f'/v1/accounts/{listed.json()["data"][0]["id"]}', owner)
        back = call('POST', '/v1/public/easyconnect/visit/items/1/withdraw', {}, visit)
        self.assertEqual((back.status, back.json()['revocation']['status']), (202, 'revoked'), back)
        heard = events()
        kinds = sorted(kind for kind, detail in heard if detail['workspace_id'] == 'ws_link')
        self.assertEqual(kinds, [
            'account.connected', 'account.disconnected', 'account.main_changed', 'account.synced',
            'connect_session.completed', 'easyconnect.account_connected', 'easyconnect.completed', 'easyconnect.opened'])
        readers = schemas()
        for kind, detail in heard:
            readers[kind].validate(detail)
        self.logs_hold_none_of([secret, visit, 'harbour lights'])

    def test_what_a_platform_tells_is_believed_by_its_signature_alone(self):
        """CHK-S4"""
        at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='seconds')
        body = {'data': {'event_uuid': '1', 'filter': {}, 'event_type': 'oauth.revoke', 'payload': {
            'date_time': at, 'user_id': 'nobody', 'app_id': '1'}}}
        path = '/v1/platform-callbacks/x/notices'

        def signed(secret, text):
            return 'sha256=' + base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256)).decode()

        for secret, status in (('another secret', 401), (APP['client_secret'], 200)):
            answer = self.aws.call('POST', path, body, x_twitter_webhooks_signature=signed(secret, json.dumps(body)))
            self.assertEqual(self.ours(answer, path).status, status, answer)
        challenge = self.aws.call('GET', f'{path}?crc_token=a')
        self.assertEqual(challenge.json(), {'response_token': signed(APP['client_secret'], 'a')}, challenge)

    def grants(self):
        """The names of the grants' secrets."""
        named = [{'Key': 'name', 'Values': [f'{cloud.STACK}/grants/']}]
        listed = self.aws.client('secretsmanager').list_secrets(Filters=named)['SecretList']
        return [secret['Name'] for secret in listed]

    def tokens_lie_in_a_secret_of(self, grant):
        """CHK-S1: the row names a version, and no token is in the table; answers with the tokens."""
        self.assertEqual(self.grants(), [f'{cloud.STACK}/grants/{grant}'])
        table = self.aws.client('dynamodb').scan(TableName=self.aws.outputs['TableName'])['Items']
        (envelope,) = [item['envelope']['S'] for item in table if 'envelope' in item]
        self.assertRegex(envelope, r'^sm1\.[0-9a-f]{64}$')
        kept = self.aws.client('secretsmanager').get_secret_value(
            SecretId=f'{cloud.STACK}/grants/{grant}', VersionId=envelope.removeprefix('sm1.'))
        kept = json.loads(kept['SecretString'])
        self.assertEqual((kept['grant'], kept['platform'], kept['version']), (grant, 'x', 1))
        tokens = [kept['tokens']['access'], kept['tokens']['refresh']]
        for token in tokens:
            self.assertGreaterEqual(len(token), 12)
            self.assertNotIn(token, json.dumps(table))
        return tokens

    def log_lines(self):
        logs = self.aws.client('logs')
        groups = [group['logGroupName'] for group in logs.describe_log_groups()['logGroups']]
        return [event['message'] for name in groups for event in logs.filter_log_events(logGroupName=name)['events']]

    def logs_hold_none_of(self, secrets):
        """CHK-S1"""
        lines = self.log_lines()
        self.assertTrue(any('/v1/oauth/callback/{issuer}' in line for line in lines), lines)
        for secret in secrets:
            self.assertGreaterEqual(len(secret), 12)
            self.assertFalse([line for line in lines if secret in line])

    def listen(self, name):
        """A queue behind the bus; answers with a function that tells what came."""
        sqs, bus = self.aws.client('sqs'), self.aws.outputs['EventBusName']
        queue = sqs.create_queue(QueueName=name)['QueueUrl']
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
        events = self.aws.client('events')
        events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({'source': ['mooring']}))
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{'Id': 'queue', 'Arn': arn}])
        heard = []

        def told():
            while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get('Messages'):
                for message in messages:
                    event = json.loads(message['Body'])
                    heard.append((event['detail-type'], event['detail']))
                    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message['ReceiptHandle'])
            return heard

        return told

    def test_this_secrets_manager_keeps_the_promises_of_a_vault(self):
        done = subprocess.run(
            [cloud.CONFORMANCE, self.aws.endpoint, 'conformance'], timeout=60, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, 'every promise is kept\n'), done.stderr)

    def test_a_vault_that_nobody_knows_is_refused(self):
        self.cannot_be_deployed_with('TokenVault', 'nowhere', 'is not in AllowedValues')

    def schedules(self):
        """The rules that call a function by the clock, by that function."""
        events = self.aws.client('events')
        schedules = {}
        for rule in events.list_rules()['Rules']:
            if 'ScheduleExpression' in rule:
                target, = events.list_targets_by_rule(Rule=rule['Name'])['Targets']
                schedules[target['Arn'].split(':')[-1]] = rule
        return schedules

    def test_what_was_left_over_is_delivered(self):
        """CHK-S13. The schedule is held still, so that it is this call that does it, whatever the call says."""
        schedules = {name: (rule['ScheduleExpression'], rule['State']) for name, rule in self.schedules().items()}
        self.assertEqual(schedules, {self.aws.function(name): (every, 'ENABLED') for name, every in SCHEDULED.items()})
        self.hold_schedules_still()
        table = self.aws.client('dynamodb')
        heard = self.listen('leftover')
        event = next(iter(schemas()['account.degraded'].schema['examples']))
        key = {'pk': {'S': f'W#{event["workspace_id"]}'}, 'sk': {'S': f'E#{event["id"]}'}}
        due = {'dp': {'S': 'deliver#07'}, 'ds': {'S': f'000000000001#{event["id"]}'}}
        name = self.aws.outputs['TableName']
        table.put_item(TableName=name, Item={**key, **due, 'events': {'S': json.dumps([event])}})
        report = {'due': 1, 'published': 1, 'postponed': 0, 'failed': 0, 'out_of_time': False}
        self.assertEqual(self.aws.invoke('DeliverFunction', {'workspace': 'ws_2', 'limit': 0}), (report, False))
        self.assertEqual(heard(), [(event['type'], event)])
        kept = table.get_item(TableName=name, Key=key)['Item']
        self.assertEqual(set(kept), {'pk', 'sk', 'events', 'ttl'})
        self.assertEqual(self.aws.invoke('DeliverFunction', None), ({**report, 'due': 0, 'published': 0}, False))

    def test_the_sweep_says_what_it_did(self):
        said, failed = self.aws.invoke('SweepFunction', {'revoke': 'everything'})
        self.assertFalse(failed, said)
        self.assertEqual(said['revocations']['failed'], 0, said)

    def test_every_route_of_the_document_is_answered_by_us(self):
        self.every_route_is_ours()

    def test_only_a_listed_page_may_read(self):
        """CHK-P16. What a browser asks before it sends is not seen here: this AWS answers OPTIONS itself."""
        self.only_a_listed_page_may_read()

    def test_no_public_call_reaches_a_scheduled_input(self):
        """CHK-S13"""
        forged = {'version': '0', 'source': 'aws.scheduler', 'detail-type': 'Scheduled Event', 'detail': {}}
        for path in ('/', '/sweep', '/deliver', '/v1/dev/jobs/sweep', '/2015-03-31/functions/function/invocations'):
            answer = self.aws.call('POST', path, forged, self.owner)
            self.assertEqual(answer.status, 404, f'{path}: {answer}')

    def test_only_this_machine_can_pretend_to_be_the_platforms(self):
        """CHK-S11"""
        for elsewhere in ('https://simulator.example/', 'http://127.0.0.1.example:8090/', 'http://10.0.0.1:8090/'):
            self.cannot_be_deployed_with('SimulatorUrl', elsewhere, 'an address on this machine')

    def test_a_list_of_pages_that_could_mean_more_than_it_says_is_refused(self):
        """CHK-P16"""
        for wide in ('*', 'null', 'https://*', 'https://*.example', 'https://app.example/', f'{cloud.FRONTEND},*'):
            self.cannot_be_deployed_with('CorsOrigins', wide, 'origins without a path and without a wildcard')

    def cannot_be_deployed_with(self, name, value, why):
        formation = self.aws.client('cloudformation')
        given = formation.describe_stacks(StackName=cloud.STACK)['Stacks'][0]['Parameters']
        parameters = [{'ParameterKey': name, 'ParameterValue': value}] + [
            {'ParameterKey': one['ParameterKey'], 'UsePreviousValue': True}
            for one in given if one['ParameterKey'] != name]
        with self.assertRaisesRegex(ClientError, f'{name}.* {why}', msg=value):
            formation.update_stack(
                StackName=cloud.STACK, UsePreviousTemplate=True, Parameters=parameters,
                Capabilities=['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'])

    def test_a_missing_route_is_noticed(self):
        gateway, api = self.aws.client('apigatewayv2'), self.aws.outputs['ApiId']
        routes = gateway.get_routes(ApiId=api, MaxResults='100')['Items']
        route = next(route for route in routes if route['RouteKey'] == 'GET /v1/meta/plans')
        gateway.delete_route(ApiId=api, RouteId=route['RouteId'])
        with self.assertRaisesRegex(AssertionError, 'GET /v1/meta/plans: not our answer'):
            self.every_route_is_ours()
        gateway.create_route(ApiId=api, RouteKey=route['RouteKey'], Target=route['Target'])
        self.every_route_is_ours()

    def test_a_missing_variable_is_noticed(self):
        functions = self.aws.client('lambda')
        scheduled = {self.aws.function(name): name for name in SCHEDULED}
        for name in self.aws.outputs['Functions'].split():
            given = functions.get_function_configuration(FunctionName=name)['Environment']['Variables']
            if name in scheduled:
                less = {key: value for key, value in given.items() if key != 'MOORING_TABLE'}
                functions.update_function_configuration(FunctionName=name, Environment={'Variables': less})
                self.assertTrue(self.aws.invoke(scheduled[name], {})[1], name)
                functions.update_function_configuration(FunctionName=name, Environment={'Variables': given})
                self.assertFalse(self.aws.invoke(scheduled[name], {})[1], name)
                continue
            for variable, walk, noticed in (
                    ('MOORING_JWT_AUDIENCE', self.every_route_is_ours, 'not our answer'),
                    ('MOORING_EDGE_SECRET', self.every_route_is_ours, 'not our answer'),
                    ('MOORING_CORS_ORIGINS', self.only_a_listed_page_may_read, f'from {cloud.FRONTEND}:')):
                if (name, variable) == (self.aws.function(FOR_PLATFORMS), 'MOORING_CORS_ORIGINS'):
                    continue
                less = {key: value for key, value in given.items() if key != variable}
                self.assertEqual(len(less), len(given) - 1)
                functions.update_function_configuration(FunctionName=name, Environment={'Variables': less})
                with self.assertRaisesRegex(AssertionError, noticed, msg=name):
                    walk()
                functions.update_function_configuration(FunctionName=name, Environment={'Variables': given})
        self.every_route_is_ours()
        self.only_a_listed_page_may_read()


if __name__ == '__main__':
    unittest.main(verbosity=2)
