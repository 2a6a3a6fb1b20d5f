"""The AWS on this machine, with one thing put right: in its Secrets Manager a version's id is the ClientRequestToken that
it was written with, and a version is written once, as AWS documents. As it comes, the emulator makes the first version's
id up, and writes over a version."""

import json

from ministack.app import main
from ministack.core.responses import error_response_json, json_response
from ministack.services import secretsmanager

create_secret, put_secret_value = secretsmanager._create_secret, secretsmanager._put_secret_value


def once(given, secret, write):
    """Writes a version unless it is there; with another text it is refused."""
    token, text = given['ClientRequestToken'], given.get('SecretString')
    there = secret and secret['Versions'].get(token)
    if not there or secret['DeletedDate']:
        return write()
    if there['SecretString'] != text:
        return error_response_json('ResourceExistsException', f'The version {token} is there with another text.')
    return json_response({'ARN': secret['ARN'], 'Name': secret['Name'], 'VersionId': token})


def create(given):
    name = given.get('Name')

    def write():
        status, headers, body = create_secret(given)
        if status != 200:
            return status, headers, body
        told, versions = json.loads(body), secretsmanager._secrets[name]['Versions']
        versions[given['ClientRequestToken']] = versions.pop(told['VersionId'])
        return json_response({**told, 'VersionId': given['ClientRequestToken']})

    return once(given, secretsmanager._secrets.get(name), write)


def put(given):
    _, secret = secretsmanager._resolve(given.get('SecretId'))
    return once(given, secret, lambda: put_secret_value(given))


secretsmanager._create_secret, secretsmanager._put_secret_value = create, put

if __name__ == '__main__':
    main()
