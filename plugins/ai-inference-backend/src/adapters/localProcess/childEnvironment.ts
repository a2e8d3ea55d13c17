import { secretsFolderOf } from './adoptSecrets';

/** What a data plane may know of this process's surroundings: no setting of the control plane. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LD_LIBRARY_PATH',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // What is installed on the machine, for all data planes that run there.
  'GREENROOM_LOCAL_MODELS_DIR',
];

/** Settings of a data plane that runs as a child process. */
export function childEnvironment(options: {
  environment: string;
  controlPlaneUrl: string;
  token: string;
  directory: string;
  port: number | undefined;
  surroundings: Record<string, string | undefined>;
  /** Variables in which secrets of the environment's connections lie. */
  variables?: readonly string[];
}): Record<string, string> {
  const { surroundings, variables = [] } = options;
  return {
    ...Object.fromEntries(
      [...PASSED_ON, ...variables].flatMap(name => {
        const value = surroundings[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    NODE_ENV: 'production',
    GREENROOM_CONTROL_PLANE_URL: options.controlPlaneUrl,
    GREENROOM_CONTROL_PLANE_TOKEN: options.token,
    GREENROOM_ENVIRONMENT: options.environment,
    GREENROOM_DATA_DIR: options.directory,
    // Its own alone: not those of the environments beside it.
    GREENROOM_SECRETS_DIR: secretsFolderOf(
      options.directory,
      options.environment,
    ),
    GREENROOM_HOST: '127.0.0.1',
    GREENROOM_PORT: String(options.port ?? 0),
    // Several on one machine: nobody is told to look there.
    GREENROOM_ADMIN_PORT: '0',
    GREENROOM_STOP_WITH_PARENT: 'true',
  };
}
