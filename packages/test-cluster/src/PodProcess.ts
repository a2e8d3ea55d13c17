import type {
  CoreV1Api,
  V1Container,
  V1ContainerStatus,
  V1Pod,
  V1Probe,
} from '@kubernetes/client-node';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PodSurroundings, preparePod } from './podSurroundings';
import type { PodOutput } from './LogServer';
import type { PodFailure, PodReport } from './podStatus';
import { reach } from './reach';
import { type TestImage, toTestImage } from './TestImage';
import type { Wrap } from './Wrap';
import { WrittenLog } from './WrittenLog';

const FIRST_RESTART_MILLIS = 500;
const LONGEST_RESTART_MILLIS = 10_000;
const REFRESH_MILLIS = 1_000;
const PROBE_MILLIS = 1_000;
/** Of what it has written last, as the cluster is told it. */
const KEPT_OUTPUT_CHARACTERS = 4_000;
const MEMORY_LOOK_MILLIS = 100;
const FAILED_EXIT_CODE = 1;
/** As container runtimes have it where there is no such program. */
const START_ERROR_CODE = 128;

export interface PodProcessOptions {
  pod: V1Pod;
  core: CoreV1Api;
  images: Record<string, string[] | TestImage>;
  /** As the cluster knows it. */
  ip: string;
  directory: string;
  report(report: PodReport): Promise<void>;
  /** What its container does before it is told to end takes no longer than this. */
  longestPreStopSeconds: number;
  /** Images that cannot be pulled, even where a container says its command. */
  missingImages: RegExp | undefined;
  /** Whether a process ends that takes more memory than its limit. */
  limitsMemory: boolean;
  /** Where files of a PersistentVolumeClaim are. */
  folderOfClaim(name: string): string;
  /** What its program is run in. */
  wrap: Wrap | undefined;
  /** How long it is seen after it has ended, where it was to be gone. */
  cleanupMillis: number;
}

/**
 * The container of a pod as a process; those that begin before it (`initContainers`) are processes, too, one
 * after the other, and are not tried again.
 *
 * States: waiting (its image, or what it is configured with, is not there) → running → ended, and
 * running again after a pause, unless it is of those that are not started again; from any of them
 * ending → gone, when it was to end.
 */
export class PodProcess {
  readonly #options: PodProcessOptions;
  readonly #host: string;
  readonly #startedAt = new Date();
  #child: ChildProcess | undefined;
  #output = '';
  #log = new WrittenLog();
  #logBefore: WrittenLog | undefined;
  /** Of those that begin before it, by name. */
  readonly #logs = new Map<string, WrittenLog>();
  #graceSeconds: number;
  /** Why it is to end, and stay to be seen. */
  #failure: PodFailure | undefined;
  #hasTooLittleMemory = false;
  #limitSeconds: number | undefined;
  #report: Exclude<PodReport, 'gone'>;
  #isEnding = false;
  #isKilled = false;
  readonly #timers = new Set<NodeJS.Timeout>();
  #reporting: Promise<void> = Promise.resolve();

  constructor(options: PodProcessOptions) {
    this.#options = options;
    this.#host = reach(options.ip);
    this.#graceSeconds = options.pod.spec?.terminationGracePeriodSeconds ?? 30;
    this.#report = {
      ip: options.ip,
      state: { waiting: { reason: 'ContainerCreating' } },
      isReady: false,
      restarts: 0,
      startedAt: this.#startedAt,
    };
  }

  /** @param container - its own where it is left out */
  outputOf(container: string | undefined): PodOutput {
    const log = container && this.#logs.get(container);
    return log
      ? { now: log, before: undefined }
      : { now: this.#log, before: this.#logBefore };
  }

  /** Its pod may have a time after which it is ended; also one that comes later. */
  limit(seconds: number | undefined): void {
    if (seconds === undefined || seconds === this.#limitSeconds) return;
    this.#limitSeconds = seconds;
    const passedMillis = Date.now() - this.#startedAt.getTime();
    this.#later(Math.max(0, seconds * 1_000 - passedMillis), () =>
      this.#fail({
        reason: 'DeadlineExceeded',
        message:
          'Pod was active on the node longer than the specified deadline',
      }),
    );
  }

  /** It is told to end, and its pod stays. */
  #fail(failure: PodFailure): void {
    if (this.#failure || this.#isEnding || this.#report.hasEnded) return;
    this.#failure = failure;
    if (!this.#child) {
      this.#tell({ failure, hasEnded: true });
      return;
    }
    this.#child.kill('SIGTERM');
    this.#later(this.#graceSeconds * 1_000, () => this.#child?.kill('SIGKILL'));
  }

  start(): void {
    const { pod } = this.#options;
    this.limit(pod.spec?.activeDeadlineSeconds);
    this.#begin();
  }

  #begin(): void {
    const { pod, images, missingImages } = this.#options;
    const [container] = pod.spec?.containers ?? [];
    const name = container?.image ?? '';
    const image =
      images[name] ?? (container?.command && { command: container.command });
    if (!image || missingImages?.test(name)) {
      this.#tell({
        state: {
          waiting: {
            reason: 'ErrImagePull',
            message: `there is no image "${name}"`,
          },
        },
      });
      return;
    }
    this.#prepare(toTestImage(image)).catch(error => {
      this.#tell({
        state: {
          waiting: {
            reason: 'CreateContainerConfigError',
            message: String(error).slice(0, KEPT_OUTPUT_CHARACTERS),
          },
        },
      });
      this.#later(REFRESH_MILLIS, () => this.#begin());
    });
  }

  async #prepare(image: TestImage): Promise<void> {
    const [container] = this.#options.pod.spec?.containers ?? [];
    if (!container || !(await this.#initialize())) return;
    const surroundings = await preparePod({
      ...this.#options,
      container,
      host: this.#host,
      image,
    });
    this.#run(image, surroundings);
  }

  /** @returns whether all that begins before it has ended well */
  async #initialize(): Promise<boolean> {
    const { pod, images } = this.#options;
    for (const container of pod.spec?.initContainers ?? []) {
      if (this.#logs.has(container.name)) continue;
      const image = images[container.image ?? ''];
      if (!image) throw new Error(`there is no image "${container.image}"`);
      const surroundings = await preparePod({
        ...this.#options,
        container,
        host: this.#host,
        image: toTestImage(image),
      });
      const exitCode = await this.#runToEnd(container, surroundings);
      if (exitCode !== 0) return false;
    }
    return true;
  }

  async #runToEnd(
    container: V1Container,
    surroundings: PodSurroundings,
  ): Promise<number> {
    const tell = (state: V1ContainerStatus['state']) =>
      this.#tell({
        initializing: {
          name: container.name,
          image: container.image ?? '',
          imageID: '',
          ready: state?.terminated?.exitCode === 0,
          restartCount: 0,
          state,
        },
      });
    let output = '';
    const log = new WrittenLog();
    this.#logs.set(container.name, log);
    tell({ running: { startedAt: new Date() } });
    const child = this.#spawn(surroundings, text => {
      output = `${output}${text}`.slice(-KEPT_OUTPUT_CHARACTERS);
      log.write(text);
    });
    this.#child = child;
    const exitCode = await new Promise<number>(resolve =>
      child.once('close', code => resolve(code ?? 137)),
    );
    this.#child = undefined;
    log.end();
    tell({
      terminated: { exitCode, finishedAt: new Date(), message: output.trim() },
    });
    const failure = this.#failure;
    if (failure || exitCode !== 0) this.#tell({ failure, hasEnded: true });
    if (this.#isEnding) this.#gone();
    return failure ? FAILED_EXIT_CODE : exitCode;
  }

  #spawn(
    { command, workingDirectory, variables }: PodSurroundings,
    onText: (text: string) => void,
  ): ChildProcess {
    const [program, ...operands] = command;
    const child = spawn(program, operands, {
      cwd: workingDirectory,
      env: { PATH: process.env.PATH, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A container is a group of processes, which ends as a whole when its first one does.
      detached: true,
    });
    child.once('exit', () => endGroup(child));
    const keep = (chunk: unknown) => onText(String(chunk));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', keep);
    return child;
  }

  /** It is to end, in order, and at once after so long. */
  end(graceSeconds: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#child) {
      this.#gone();
      return;
    }
    const { pod, longestPreStopSeconds } = this.#options;
    const [container] = pod.spec?.containers ?? [];
    const { seconds = 0 } = container?.lifecycle?.preStop?.sleep ?? {};
    this.#later(Math.min(seconds, longestPreStopSeconds) * 1_000, () =>
      this.#child?.kill('SIGTERM'),
    );
    this.#later(graceSeconds * 1_000, () => this.#child?.kill('SIGKILL'));
  }

  /** There is nothing of it when this resolves, and nobody is told. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    this.#timers.forEach(timer => clearTimeout(timer));
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise(resolve => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
  }

  #run(image: TestImage, surroundings: PodSurroundings): void {
    if (this.#isEnding || this.#isKilled || this.#report.hasEnded) return;
    if (this.#report.restarts > 0) this.#logBefore = this.#log;
    this.#output = '';
    const log = new WrittenLog();
    this.#log = log;
    const startedAt = new Date();
    const child = this.#spawn(this.#wrapped(surroundings), text => {
      this.#output = `${this.#output}${text}`.slice(-KEPT_OUTPUT_CHARACTERS);
      log.write(text);
    });
    this.#child = child;
    let failure: Error | undefined;
    child.once('error', error => {
      failure = error;
    });
    child.once('close', (code, signal) => {
      log.end();
      if (failure) {
        this.#output = `exec: "${surroundings.command[0]}": ${failure.message}`;
        this.#ended(START_ERROR_CODE, { image, startedAt });
        return;
      }
      const number = signal ? constants.signals[signal] : 0;
      this.#ended(code ?? 128 + number, { image, startedAt });
    });
    this.#tell({ state: { running: { startedAt } } });
    this.#watchMemory(child);
    this.#refreshAgain(surroundings);
    this.#probe(child);
  }

  #wrapped(surroundings: PodSurroundings): PodSurroundings {
    const { wrap, pod } = this.#options;
    if (!wrap) return surroundings;
    const { command, variables, workingDirectory, folders } = surroundings;
    return {
      ...surroundings,
      command: wrap(command, {
        pod: pod.metadata?.name ?? '',
        variables,
        workingDirectory,
        folders,
      }),
    };
  }

  #ended(
    exitCode: number,
    { image, startedAt }: { image: TestImage; startedAt?: Date },
  ): void {
    this.#child = undefined;
    if (this.#isKilled) return;
    this.#timers.forEach(timer => clearTimeout(timer));
    const terminated = {
      exitCode,
      message: this.#output.trim(),
      startedAt,
      finishedAt: new Date(),
      reason: reasonOf(exitCode, this.#hasTooLittleMemory),
    };
    if (this.#isEnding) {
      // How it ended is told before it is gone.
      this.#tell({ state: { terminated }, isReady: false, hasEnded: true });
      this.#gone();
      return;
    }
    if (this.#failure) {
      this.#tell({
        state: { terminated },
        isReady: false,
        failure: this.#failure,
        hasEnded: true,
      });
      return;
    }
    const policy = this.#options.pod.spec?.restartPolicy;
    if (policy === 'Never' || (policy === 'OnFailure' && exitCode === 0)) {
      this.#tell({ state: { terminated }, isReady: false, hasEnded: true });
      return;
    }
    const restarts = this.#report.restarts + 1;
    this.#tell({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated },
      isReady: false,
      restarts,
    });
    const pauseMillis = Math.min(
      FIRST_RESTART_MILLIS * 2 ** restarts,
      LONGEST_RESTART_MILLIS,
    );
    this.#later(pauseMillis, () => {
      this.#prepare(image).catch(() => this.#ended(exitCode, { image }));
    });
  }

  #gone(): void {
    this.#timers.forEach(timer => clearTimeout(timer));
    this.#reporting = this.#reporting
      .then(() => sleep(this.#options.cleanupMillis, undefined, { ref: false }))
      .then(() => this.#options.report('gone'));
  }

  /** A container that takes more than its limit is ended by the kernel, which is what the kubelet says then. */
  #watchMemory(child: ChildProcess): void {
    const [container] = this.#options.pod.spec?.containers ?? [];
    const limit = bytesOf(container?.resources?.limits?.memory);
    if (limit === undefined || !this.#options.limitsMemory) return;
    this.#later(MEMORY_LOOK_MILLIS, () => {
      if (this.#child !== child) return;
      const bytes = treeOf(child.pid).reduce(
        (sum, pid) => sum + residentBytesOf(pid),
        0,
      );
      if (bytes > limit) {
        this.#hasTooLittleMemory = true;
        child.kill('SIGKILL');
        return;
      }
      this.#watchMemory(child);
    });
  }

  /** What changes in a Secret reaches who has it as a file. */
  #refreshAgain(surroundings: PodSurroundings): void {
    this.#later(REFRESH_MILLIS, () => {
      surroundings
        .refresh()
        .catch(() => {})
        .finally(() => {
          if (this.#child && !this.#isKilled) this.#refreshAgain(surroundings);
        });
    });
  }

  /** Looks whether it is ready once a second, and ends it where it is not live. */
  #probe(child: ChildProcess): void {
    const [container] = this.#options.pod.spec?.containers ?? [];
    const { readinessProbe, livenessProbe } = container ?? {};
    let failures = 0;
    let wasLive = false;
    const look = async () => {
      const isReady = await this.#answers(readinessProbe);
      const isLive = await this.#answers(livenessProbe);
      if (this.#child !== child) return;
      wasLive ||= isLive;
      failures = isLive ? 0 : failures + 1;
      const { failureThreshold = 3, periodSeconds = 10 } = livenessProbe ?? {};
      if (wasLive && failures > failureThreshold * periodSeconds) {
        child.kill('SIGKILL');
      }
      if (isReady !== this.#report.isReady) this.#tell({ isReady });
      this.#later(PROBE_MILLIS, look);
    };
    this.#later(PROBE_MILLIS / 4, look);
  }

  async #answers(probe: V1Probe | undefined): Promise<boolean> {
    if (!probe?.httpGet) return true;
    const { port, path = '/' } = probe.httpGet;
    const [container] = this.#options.pod.spec?.containers ?? [];
    const named = container?.ports?.find(({ name }) => name === port);
    const url = `http://${this.#host}:${named?.containerPort ?? port}${path}`;
    try {
      const answer = await fetch(url, {
        signal: AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1_000),
      });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }

  #tell(change: Partial<Exclude<PodReport, 'gone'>>): void {
    this.#report = { ...this.#report, ...change };
    const report = this.#report;
    this.#reporting = this.#reporting.then(() => this.#options.report(report));
  }

  #later(millis: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, millis);
    timer.unref();
    this.#timers.add(timer);
  }
}

function reasonOf(exitCode: number, hasTooLittleMemory: boolean): string {
  if (hasTooLittleMemory) return 'OOMKilled';
  if (exitCode === START_ERROR_CODE) return 'StartError';
  return exitCode === 0 ? 'Completed' : 'Error';
}

/** Of a quantity of Kubernetes in bytes, as far as tests write it. */
function bytesOf(quantity: string | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity ?? '') ?? [];
  if (number === undefined) return undefined;
  const power = ['', 'Ki', 'Mi', 'Gi'].indexOf(unit);
  return Number(number) * 1024 ** power;
}

/** A process and all that it has begun. */
function treeOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  let children = '';
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // It has just ended.
  }
  const pids = children.split(' ').filter(Boolean).map(Number);
  return [pid, ...pids.flatMap(treeOf)];
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

function residentBytesOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
