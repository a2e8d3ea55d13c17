import { join } from 'node:path';
import type { Config } from '../config';
import type { Entrance, Reached } from '../createServer';
import { errorMessage } from '../errors';
import { AdminServer } from '../http/AdminServer';
import { addressOf, schemeOf, urlOf } from '../http/urlOf';
import type { Logger } from '../logger';
import { chooseTaker } from './chooseTaker';
import { Door } from './Door';
import { copyDocuments, inheritState, stateFolders } from './inheritState';
import { mergeMetrics } from './mergeMetrics';
import type { Assignment } from './messages';
import { ServingSlot } from './ServingSlot';
import { stopMillisOf } from './stopMillisOf';
import { writeProcesses } from './writeProcesses';

/** First operand of the program where it is a serving process. */
export const SERVING_PROCESS_COMMAND = 'serving-process';

const LOOK_MILLIS = 5_000;
const MILLIS_PER_SECOND = 1_000;
/** After the time in which callers are sent elsewhere, for the last of them. */
const DOORS_CLOSE_AFTER_MILLIS = 1_000;

/**
 * Several serving processes behind the same ports: it accepts what callers open, gives that to the
 * processes, replaces those that end or hang, and answers operators for all of them.
 */
export class Supervisor {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #program: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #lookMillis: number;
  readonly #http: Door;
  readonly #grpc: Door | undefined;
  readonly #admin: AdminServer;
  #slots: ServingSlot[] = [];
  #stopping = false;
  #othersBegan = false;
  #restarts = 0;
  #pagesMissing = 0;
  #onFirst = () => {};
  #onEnded = () => {};

  constructor(options: {
    config: Config;
    logger: Logger;
    /** Absolute path of the data plane's program. */
    program: string;
    /** Of the serving processes; with the settings. */
    environment: NodeJS.ProcessEnv;
    /** Between two looks at whether a process is stuck. */
    lookMillis?: number;
  }) {
    this.#config = options.config;
    this.#logger = options.logger;
    this.#program = options.program;
    this.#environment = options.environment;
    this.#lookMillis = options.lookMillis ?? LOOK_MILLIS;
    this.#http = this.#createDoor('http');
    this.#grpc =
      this.#config.grpcPort === undefined
        ? undefined
        : this.#createDoor('grpc');
    this.#admin = new AdminServer({
      isReady: () => this.isReady,
      writeMetrics: () => this.#writeMetrics(),
    });
  }

  /** Of the serving processes, one after the other; undefined for one that does not run. */
  get pids(): (number | undefined)[] {
    return this.#slots.map(({ pid }) => pid);
  }

  /** Whether some process serves; where readiness is strict, whether each does. */
  get isReady(): boolean {
    const ready = this.#slots.filter(slot => slot.isReady).length;
    const { strictReadiness, processes } = this.#config;
    return !this.#stopping && ready >= (strictReadiness ? processes : 1);
  }

  /** Listens, and begins the processes. Resolves when the first one serves, or could get nothing yet. */
  async start(): Promise<Reached> {
    const reached = await this.#listen();
    const { environment, processes, dataDirectory } = this.#config;
    const environmentFolder = join(dataDirectory, environment);
    await inheritState(environmentFolder, processes).catch(error =>
      this.#logger.error(
        'what an earlier number of processes has left stays where it is',
        { error: errorMessage(error) },
      ),
    );
    const folders = stateFolders(environmentFolder, processes);
    this.#slots = folders.map((_, index) =>
      this.#createSlot({ slot: index + 1, reached }),
    );
    this.#logger.info('listening', { ...reached, environment, processes });
    const first = new Promise<void>(resolve => {
      this.#onFirst = resolve;
    });
    if (this.#stopping) this.#slots.forEach(slot => slot.stop());
    else this.#slots[0].start();
    await first;
    return reached;
  }

  /** Stops each process in order. @throws Error when one was not stopped cleanly. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = new Promise<void>(resolve => {
      this.#onEnded = resolve;
    });
    const late = setTimeout(
      () => this.#closeDoors(),
      this.#config.lameDuckSeconds * MILLIS_PER_SECOND +
        DOORS_CLOSE_AFTER_MILLIS,
    );
    this.#slots.forEach(slot => slot.stop());
    this.#look();
    await ended;
    clearTimeout(late);
    await this.#closeDoors();
    this.#doors.forEach(door => door.dismiss());
    await this.#admin.close();
    const unclean = this.#slots.filter(
      ({ state }) => state.state === 'ended' && state.code !== 0,
    );
    if (unclean.length > 0) {
      throw new Error(
        `serving processes did not stop in order: ${unclean
          .map(({ slot }) => slot)
          .join(', ')}`,
      );
    }
  }

  /** Ends each process at once. */
  kill(): void {
    this.#slots.forEach(slot => slot.kill());
  }

  get #doors(): Door[] {
    return this.#grpc ? [this.#http, this.#grpc] : [this.#http];
  }

  async #listen(): Promise<Reached> {
    const { host, port, adminHost, adminPort, grpcPort = 0 } = this.#config;
    const httpPort = await this.#http.listen({ host, port });
    const admin = await this.#admin.listen({
      host: adminHost,
      port: adminPort,
    });
    const grpc = await this.#grpc?.listen({ host, port: grpcPort });
    return {
      url: urlOf(host, httpPort, schemeOf(this.#config)),
      adminUrl: urlOf(adminHost, admin.port),
      grpcAddress: grpc === undefined ? undefined : addressOf(host, grpc),
    };
  }

  #createDoor(entrance: Entrance): Door {
    return new Door({
      entrance,
      give: (door, socket) => {
        const takers = this.#slots.flatMap(slot => {
          const taker = slot.asTaker(entrance);
          return taker ? [{ ...taker, slot }] : [];
        });
        const chosen = chooseTaker(takers, performance.now());
        chosen?.slot.give(door, socket);
        return chosen !== undefined;
      },
    });
  }

  #createSlot(assignment: Assignment): ServingSlot {
    const slot: ServingSlot = new ServingSlot({
      slot: assignment.slot,
      program: this.#program,
      operands: [SERVING_PROCESS_COMMAND, JSON.stringify(assignment)],
      environment: this.#environment,
      logger: this.#logger,
      lookMillis: this.#lookMillis,
      stopMillis: stopMillisOf(this.#config),
      onChanged: () => {
        if (slot.state.state === 'resting') this.#restarts += 1;
        this.#look();
      },
      onFree: () => this.#offer(),
      onLeaving: () => void this.#letLeave(slot),
    });
    return slot;
  }

  #offer(): void {
    this.#doors.forEach(door => door.offer());
  }

  #look(): void {
    if (this.#stopping) {
      const areEnded = this.#slots.every(
        ({ state }) => state.state === 'ended',
      );
      if (areEnded) {
        this.#onFirst();
        this.#onEnded();
      }
      return;
    }
    const states = this.#slots.map(({ state }) => state.state);
    if (states.includes('serving')) this.#onFirst();
    // One that cannot serve keeps the others from nothing.
    const [first] = states;
    if (first === 'serving' || first === 'resting') this.#beginOthers();
  }

  /** After the first, so that what it has fetched is there for them. */
  #beginOthers(): void {
    if (this.#othersBegan) return;
    this.#othersBegan = true;
    const { dataDirectory, environment, processes } = this.#config;
    const [first, ...others] = stateFolders(
      join(dataDirectory, environment),
      processes,
    );
    others.forEach(async (folder, index) => {
      await copyDocuments(first, folder).catch(error =>
        this.#logger.warn('a process begins without a saved snapshot', {
          process: index + 2,
          error: errorMessage(error),
        }),
      );
      if (!this.#stopping) this.#slots[index + 1].start();
    });
  }

  /** The last one that takes connections while all stop takes also those that are on their way. */
  async #letLeave(slot: ServingSlot): Promise<void> {
    const others = this.#slots.filter(each => each !== slot && each.isOpen);
    if (this.#stopping && others.length === 0) {
      await this.#closeDoors();
      // They are given one by one; what is given last is sent before the confirmation.
      while (slot.isOpen && this.#doors.some(({ waiting }) => waiting > 0)) {
        await slot.untilTaken();
      }
    }
    slot.confirmLeft();
  }

  async #closeDoors(): Promise<void> {
    await Promise.all(this.#doors.map(door => door.close()));
  }

  async #writeMetrics(): Promise<string> {
    const running = this.#slots.filter(({ canSpeak }) => canSpeak);
    const answers = await Promise.all(
      running.map(async slot => ({ slot, page: await slot.askPage() })),
    );
    const pages = new Map<string, string>();
    for (const { slot, page } of answers) {
      if (page === undefined) this.#pagesMissing += 1;
      else pages.set(String(slot.slot), page);
    }
    return (
      mergeMetrics(pages) +
      writeProcesses({
        states: this.#slots.map(({ state }) => state),
        restarts: this.#restarts,
        pagesMissing: this.#pagesMissing,
        doors: this.#doors,
        connectionsOf: (index, entrance) =>
          this.#slots[index].asTaker(entrance)?.connections,
      })
    );
  }
}
