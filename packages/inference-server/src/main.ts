import { dirname, join } from 'node:path';
import { beAlive } from './beAlive';
import { ConfigError, readConfig, type Config } from './config';
import { createServer } from './createServer';
import { createLogger } from './logger';
import { errorCode } from './errors';
import { runTrialCommand } from './trial/runTrialCommand';

/** They lie beside this one, which is run as one file only. */
const localModelProgram = join(dirname(__filename), 'localModel.cjs');
const modelWorkerProgram = join(dirname(__filename), 'modelWorker.cjs');

/** Exit status for settings that cannot be used (`EX_CONFIG`). */
const EXIT_CONFIG = 78;

function readConfigOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(EXIT_CONFIG);
  }
}

function describeTakenPort(error: unknown, config: Config): string {
  const taken =
    typeof error === 'object' && error !== null && 'port' in error
      ? error.port
      : config.port;
  const setting =
    taken === config.adminPort ? 'GREENROOM_ADMIN_PORT' : 'GREENROOM_PORT';
  return `port ${taken} is taken: stop what listens there, or set ${setting}`;
}

async function main(): Promise<void> {
  const config = readConfigOrExit();
  const logger = createLogger({ level: config.logLevel });
  if (config.stopWithParent && !process.connected) {
    process.stderr.write(
      'GREENROOM_STOP_WITH_PARENT is "true": expected to be started with an IPC channel, as the control plane does it.\n',
    );
    process.exit(EXIT_CONFIG);
  }
  const server = createServer({
    config,
    logger,
    localModelProgram,
    modelWorkerProgram,
  });
  const exit = (status: number) => {
    if (!server.isComputing) process.exit(status);
    logger.warn(
      'a model is still computing: the process is ended all the same',
    );
    // An ordinary exit stops the threads first, which the runtime answers by aborting.
    process.kill(process.pid, 'SIGKILL');
  };
  let stopping: Promise<void> | undefined;
  const stop = (why: Record<string, string>) => {
    logger.info('stopping', why);
    stopping = server.stop().then(
      () => exit(0),
      error => {
        logger.error('not stopped cleanly', { error: String(error) });
        exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals) => {
    // Who asks a second time does not want to wait.
    if (stopping) exit(1);
    stop({ signal });
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (config.stopWithParent) {
    // Also when the parent was killed: the system closes its end of the channel.
    process.once('disconnect', () => {
      if (!stopping) stop({ reason: 'the process that started it has gone' });
    });
  }
  try {
    const { url } = await server.start();
    if (config.stopWithParent && process.connected) {
      process.send!({ type: 'serving', url }, () => {});
      beAlive(message => {
        if (process.connected) process.send!(message, () => {});
      });
    }
  } catch (error) {
    if (stopping) return;
    const code = errorCode(error);
    const reason =
      code === 'EADDRINUSE' ? describeTakenPort(error, config) : String(error);
    logger.error('not started', { error: reason });
    process.exit(1);
  }
}

// A full disk, or a reader that went away, costs lines of the log and not the process.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const [command, ...operands] = process.argv.slice(2);
if (command === 'trial') runTrialCommand(operands);
else main();
