import type { Command } from '../Command';
import { usageError } from '../CommandError';
import { readSecret } from './readSecret';
import { SecretFolder, secretFolderOf } from './SecretFolder';

/** Keeps secrets of connections on the machine of a data plane. */
export const connectionsCommand: Command = {
  name: 'connections',
  summary: "secrets of connections on a data plane's machine",
  help: `greenroom connections set NAME [--environment NAME | --directory FOLDER]
greenroom connections list [--environment NAME | --directory FOLDER]
greenroom connections remove NAME [--environment NAME | --directory FOLDER]

Keeps the secrets of connections on the machine of a data plane. A connection
names its secret as file:NAME in the portal's configuration
(greenroom.environments[].connections); the value never leaves this machine
but to the provider.

  set      reads the value from standard input, without showing it, and puts
           it into the folder for the data plane's user alone (mode 0600).
           A running data plane takes it within a second.
  list     names of the secrets that are there, never their values
  remove   takes one away

  --environment NAME  of the data plane: each environment has a folder of its
                      own, NAME/secrets in GREENROOM_DATA_DIR
                      (.data/data-plane where that is not set); without it
                      GREENROOM_ENVIRONMENT, or production
  --directory FOLDER  the folder of secrets itself, as GREENROOM_SECRETS_DIR
                      names it, too

A key of several lines comes from its file:
  greenroom connections set vertex < service-account.json`,
  options: {
    directory: {
      type: 'string',
      value: 'FOLDER',
      help: 'the folder of secrets itself',
    },
    environment: {
      type: 'string',
      value: 'NAME',
      help: 'of the data plane',
    },
  },
  actions: [
    { name: 'set', summary: 'puts a secret into the folder' },
    { name: 'list', summary: 'names of the secrets that are there' },
    { name: 'remove', summary: 'takes one away' },
  ],
  async run(words, context) {
    const [action, name, ...more] = words.positionals;
    if (action === undefined) {
      throw usageError('connections: expected set, list or remove');
    }
    const folder = new SecretFolder(
      secretFolderOf(
        {
          directory: words.text('directory'),
          environment: words.text('environment'),
        },
        context.environment,
      ),
    );
    const takesName = action !== 'list';
    if (takesName && name === undefined) {
      throw usageError(`connections ${action}: expected a name`);
    }
    if (more.length > 0 || (!takesName && name !== undefined)) {
      throw usageError(`connections ${action}: too many words`);
    }
    switch (action) {
      case 'set':
        folder.check(name);
        context.print(await folder.set(name, await readSecret(name, context)));
        break;
      case 'list':
        for (const line of await folder.list()) context.print(line);
        break;
      case 'remove':
        context.print(await folder.remove(name));
        break;
      default:
        throw usageError(`unknown: connections ${action}`);
    }
  },
};
