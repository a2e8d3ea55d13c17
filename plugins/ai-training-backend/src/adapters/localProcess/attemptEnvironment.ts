import { delimiter, dirname, join } from 'node:path';

/** What a program may know of this process's surroundings: no setting of the control plane, and no secret. */
const PASSED_ON = [
  'TZ',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'NO_PROXY',
  'no_proxy',
  'CUDA_VISIBLE_DEVICES',
];
/** With a password in it, it is a secret of the control plane. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
/** As libraries of mathematics ask how many threads they may have. */
const THREAD_VARIABLES = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
];

/** Variables of a program that runs on this machine, under those that every program gets. */
export function attemptEnvironment(options: {
  surroundings: Record<string, string | undefined>;
  /** Those of `programVariables`. */
  variables: Record<string, string>;
  /** Its own; nothing of the user that the control plane runs as. */
  home: string;
  temporary: string;
  /** Folder of its Python packages. */
  pythonEnvironment?: string;
  threads: number;
}): Record<string, string> {
  const { surroundings, pythonEnvironment } = options;
  const path = [
    ...(pythonEnvironment ? [join(pythonEnvironment, 'bin')] : []),
    ...(surroundings.PATH ? [surroundings.PATH] : ['/usr/bin', '/bin']),
    // So that `node` is there where the control plane itself is run by its path.
    dirname(process.execPath),
  ].join(delimiter);
  return {
    ...pick(surroundings, PASSED_ON),
    ...pick(surroundings, PROXIES, value => !/\/\/[^/]*@/.test(value)),
    PATH: path,
    HOME: options.home,
    TMPDIR: options.temporary,
    // What it says is seen when it says it.
    PYTHONUNBUFFERED: '1',
    ...(pythonEnvironment && { VIRTUAL_ENV: pythonEnvironment }),
    ...Object.fromEntries(
      THREAD_VARIABLES.map(name => [name, String(options.threads)]),
    ),
    ...options.variables,
  };
}

function pick(
  from: Record<string, string | undefined>,
  names: readonly string[],
  isWanted: (value: string) => boolean = () => true,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = from[name];
      return value !== undefined && isWanted(value) ? [[name, value]] : [];
    }),
  );
}
