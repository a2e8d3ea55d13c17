import { dirname, join } from 'node:path';
import { CertificateError, readCertificates } from '@greenroom/certificates';
import { beAlive } from './beAlive';
import { ConfigError, readConfig, type Config } from './config';
import { createServer, type InferenceServer } from './createServer';
import { createLogger, type Logger } from './logger';
import { errorCode } from './errors';
import { FolderTakenError, holdFolder, type HeldFolder } from './holdFolder';
import { paceCollector } from './paceCollector';
import { divideConfig } from './processes/divideConfig';
import { inheritState } from './processes/inheritState';
import type { Assignment } from './processes/messages';
import { runServingProcess } from './processes/ServingProcess';
import { SERVING_PROCESS_COMMAND, Supervisor } from './processes/Supervisor';
import {
  fetchTrainingCommand,
  forgetTrainingCommand,
} from './training/fetchTrainingCommand';
import { fetchTrialCommand } from './trial/fetchTrialCommand';
import { runTrialCommand } from './trial/runTrialCommand';

/** They lie beside this one, which is run as one file only. */
const localModelProgram = join(dirname(__filename), 'localModel.cjs');
const modelWorkerProgram = join(dirname(__filename), 'modelWorker.cjs');

/** Exit status for settings that cannot be used (`EX_CONFIG`). */
const EXIT_CONFIG = 78;

/** What is started here: a data plane, or the supervisor of several. */
interface Program extends Pick<InferenceServer, 'start' | 'stop'> {
  /** Ends this process. */
  exit(status: number): void;
}

function readConfigOrExit(): Config {
  try {
    const config = readConfig(process.env);
    // Each process would find the same, and say it.
    divideConfig(config);
    if (config.tls) readCertificates('this server', config.tls);
    if (config.controlPlaneTls) {
      readCertificates('calls to the control plane', config.controlPlaneTls);
    }
    return config;
  } catch (error) {
    const isExpected =
      error instanceof ConfigError || error instanceof CertificateError;
    if (!isExpected) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(EXIT_CONFIG);
  }
}

function describeTakenPort(error: unknown, config: Config): string {
  const taken =
    typeof error === 'object' && error !== null && 'port' in error
      ? error.port
      : config.port;
  const settings: [unknown, string][] = [
    [config.port, 'GREENROOM_PORT'],
    [config.adminPort, 'GREENROOM_ADMIN_PORT'],
    [config.grpcPort, 'GREENROOM_GRPC_PORT'],
  ];
  const setting = settings.find(([port]) => port === taken)?.[1];
  return `port ${taken} is taken: stop what listens there, or set ${
    setting ?? 'GREENROOM_PORT'
  }`;
}

function reasonOf(error: unknown): string {
  return error instanceof FolderTakenError ? error.message : String(error);
}

/** @throws FolderTakenError; a disk that is full or cannot be written keeps nobody from being served */
async function hold(
  config: Config,
  logger: Logger,
): Promise<HeldFolder | undefined> {
  const folder = join(config.dataDirectory, config.environment);
  try {
    return await holdFolder(folder);
  } catch (error) {
    if (error instanceof FolderTakenError) throw error;
    logger.warn('nobody else is kept from the folder of this data plane', {
      folder,
      error: String(error),
    });
    return undefined;
  }
}

function endProcess(server: InferenceServer, logger: Logger, status: number) {
  if (!server.isComputing) process.exit(status);
  logger.warn('a model is still computing: the process is ended all the same');
  // An ordinary exit stops the threads first, which the runtime answers by aborting.
  process.kill(process.pid, 'SIGKILL');
}

function oneProcess(config: Config, logger: Logger): Program {
  const server = createServer({
    config,
    logger,
    localModelProgram,
    modelWorkerProgram,
  });
  return {
    async start() {
      const folder = join(config.dataDirectory, config.environment);
      await inheritState(folder, 1).catch(error =>
        logger.error('what several processes have left stays where it is', {
          error: String(error),
        }),
      );
      return await server.start();
    },
    stop: () => server.stop(),
    exit: status => endProcess(server, logger, status),
  };
}

function severalProcesses(config: Config, logger: Logger): Program {
  const supervisor = new Supervisor({
    config,
    logger,
    program: __filename,
    environment: process.env,
  });
  return {
    start: () => supervisor.start(),
    stop: () => supervisor.stop(),
    exit(status) {
      supervisor.kill();
      process.exit(status);
    },
  };
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
  const program =
    config.processes === 1
      ? oneProcess(config, logger)
      : severalProcesses(config, logger);
  let stopping: Promise<void> | undefined;
  let held: HeldFolder | undefined;
  process.once('exit', () => held?.release());
  const stop = (why: Record<string, string>) => {
    logger.info('stopping', why);
    held?.leave();
    stopping = program.stop().then(
      () => program.exit(0),
      error => {
        logger.error('not stopped cleanly', { error: String(error) });
        program.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals) => {
    // Who asks a second time does not want to wait.
    if (stopping) program.exit(1);
    else stop({ signal });
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
    held = await hold(config, logger);
    const { url } = await program.start();
    if (config.stopWithParent && process.connected) {
      process.send!({ type: 'serving', url }, () => {});
      beAlive(message => {
        if (process.connected) process.send!(message, () => {});
      });
    }
  } catch (error) {
    if (stopping) return;
    const code = errorCode(error);
    logger.error('not started', {
      error:
        code === 'EADDRINUSE'
          ? describeTakenPort(error, config)
          : reasonOf(error),
    });
    process.exit(1);
  }
}

/** One of several, started by the supervisor. */
function serve(assignment: string | undefined): void {
  if (assignment === undefined || !process.connected) {
    process.stderr.write(
      `${SERVING_PROCESS_COMMAND}: expected to be started by a data plane with GREENROOM_PROCESSES.\n`,
    );
    process.exit(EXIT_CONFIG);
  }
  const config = readConfigOrExit();
  runServingProcess({
    config,
    assignment: JSON.parse(assignment) as Assignment,
    localModelProgram,
    modelWorkerProgram,
    exit: endProcess,
  });
}

paceCollector();

// A full disk, or a reader that went away, costs lines of the log and not the process.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const [command, ...operands] = process.argv.slice(2);
if (command === 'trial') runTrialCommand(operands);
else if (command === 'fetch-trial') fetchTrialCommand(operands, process.env);
else if (command === 'fetch-training') {
  fetchTrainingCommand(operands, process.env);
} else if (command === 'forget-training') forgetTrainingCommand(operands);
else if (command === SERVING_PROCESS_COMMAND) serve(operands[0]);
else main();
