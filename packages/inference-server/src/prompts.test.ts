import { setTimeout } from 'node:timers/promises';
import type {
  EvaluationReply,
  EvaluationReport,
  EvaluationWork,
  PromptAnswer,
} from '@greenroom/plugin-ai-inference-common';
import { sendJson } from './http/responses';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { Script, StandIn } from './providers/testing/StandIn';
import { snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;
let standIn: StandIn;
let whole: Script;

/** A run at the control plane: gives rows, takes answers. */
class RunAtControlPlane {
  readonly answers = new Map<number, PromptAnswer>();
  readonly reports: EvaluationReport[] = [];
  readonly producers: string[] = [];
  failure: string | undefined;
  cancelled = false;
  taken = false;
  readonly #work: Omit<EvaluationWork, 'rows'>;
  readonly #rows: number;

  constructor(rows: number, work: Partial<EvaluationWork> = {}) {
    this.#rows = rows;
    this.#work = {
      id: 'run-1',
      lease: 'lease-1',
      model: 'bot',
      version: 1,
      descriptor: {
        formatVersion: 1,
        connection: 'llm',
        model: 'small',
        tasks: ['chat'],
        parameters: { temperature: 0 },
        messages: [{ role: 'system', content: 'Be short.' }],
      },
      connection: {
        name: 'llm',
        kind: 'openai',
        settings: {
          baseUrl: `${standIn.url}/v1`,
          secret: 'env:STAND_IN_KEY',
        },
      },
      rowTimeoutMillis: 5_000,
      concurrency: 4,
      maxAnswerCharacters: 50,
      ...work,
    };
  }

  get isOver(): boolean {
    return (
      this.cancelled ||
      this.failure !== undefined ||
      this.answers.size >= this.#rows
    );
  }

  readonly answer = (body: any, run: string | undefined) =>
    run === undefined ? this.#give(body.producer) : this.#take(body);

  #give(producer: string): EvaluationWork | undefined {
    if (this.isOver || this.taken) return undefined;
    this.taken = true;
    this.producers.push(producer);
    return { ...this.#work, rows: this.#next(-1, 8) };
  }

  #take(report: EvaluationReport): EvaluationReply {
    this.reports.push(report);
    if (this.isOver) return { state: 'ended' };
    this.failure = report.failure;
    for (const answer of report.answers) this.answers.set(answer.row, answer);
    return this.isOver
      ? { state: 'ended' }
      : { state: 'go-on', rows: this.#next(report.after, report.want) };
  }

  #next(after: number, limit: number) {
    return Array.from({ length: this.#rows }, (_, row) => row)
      .filter(row => row > after && !this.answers.has(row))
      .slice(0, limit)
      .map(row => ({
        row,
        messages: [{ role: 'user', content: `prompt ${row}` }],
      }));
  }
}

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = createOpenAiStandIn();
  whole = standIn.script;
  await standIn.start();
  server = await TestServer.create(snapshotOf([], []));
});
afterEach(async () => {
  await server.close();
  await standIn.stop();
  delete process.env.STAND_IN_KEY;
});

async function start(run: RunAtControlPlane): Promise<void> {
  server.controlPlane.prompts = run.answer;
  await server.start();
}
const over = (run: RunAtControlPlane) => waitFor(async () => run.isOver);

const refuse =
  (status: number, message: string): Script =>
  (_call, response) =>
    sendJson(response, status, { error: { message, type: 'an_error' } });

describe('prompts of evaluations', () => {
  it('are asked as the version says, a few at a time, each once', async () => {
    let [inFlight, most] = [0, 0];
    standIn.script = async (call, response) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await setTimeout(5);
      inFlight -= 1;
      await whole(call, response);
    };
    const run = new RunAtControlPlane(60);
    await start(run);
    await over(run);
    expect(most).toBe(4);
    expect(standIn.calls).toHaveLength(60);
    const first = standIn.calls.find(({ json }) =>
      JSON.stringify(json).includes('prompt 0'),
    );
    expect(first?.json).toMatchObject({
      model: 'small',
      temperature: 0,
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'prompt 0' },
      ],
    });
    expect(run.answers.get(0)).toEqual({
      row: 0,
      answer: expect.any(String),
      inputTokens: expect.any(Number),
      outputTokens: 5,
      cachedInputTokens: 2,
      latencyMillis: expect.any(Number),
    });
  });

  it('are no traffic: no record, no request, no key', async () => {
    const run = new RunAtControlPlane(8);
    await start(run);
    await over(run);
    await setTimeout(200);
    expect(server.controlPlane.countRecords()).toBe(0);
    expect(await server.metrics()).not.toMatch(/requests_total\{.*bot/);
  });

  it('keep a data plane awake while they are asked', async () => {
    standIn.script = async (call, response) => {
      await setTimeout(300);
      await whole(call, response);
    };
    const run = new RunAtControlPlane(4);
    await start(run);
    await waitFor(
      async () => server.controlPlane.latestReport?.lastRequestAt !== undefined,
    );
    expect(run.isOver).toBe(false);
  });

  it('that a provider refuses are told with the reason, and others go on', async () => {
    standIn.script = (call, response) =>
      JSON.stringify(call.json).includes('prompt 1')
        ? refuse(400, 'not about that')(call, response)
        : whole(call, response);
    const run = new RunAtControlPlane(3);
    await start(run);
    await over(run);
    expect(run.answers.get(1)).toEqual({ row: 1, error: 'not about that' });
    expect(run.answers.get(2)?.error).toBeUndefined();
  });

  it('wait for a limit that passes', async () => {
    let refused = 0;
    standIn.script = (call, response) => {
      if (refused >= 3) return whole(call, response);
      refused += 1;
      return refuse(429, 'slow down')(call, response);
    };
    const run = new RunAtControlPlane(1);
    await start(run);
    await over(run);
    expect(run.answers.get(0)?.answer).toEqual(expect.any(String));
  });

  it('give up on a row that stands still', async () => {
    standIn.script = () => {};
    const run = new RunAtControlPlane(1, { rowTimeoutMillis: 200 });
    await start(run);
    await over(run);
    expect(run.answers.get(0)).toEqual({
      row: 0,
      error: 'there was no answer within 0.2 s',
    });
  });

  it('end within a second when the run is cancelled, and leave the provider alone', async () => {
    standIn.script = () => {};
    const run = new RunAtControlPlane(8);
    await start(run);
    await waitFor(async () => standIn.calls.length === 4);
    run.cancelled = true;
    const cancelledMillis = performance.now();
    await waitFor(async () =>
      standIn.calls.every(call => call.abortedAtMillis !== undefined),
    );
    expect(performance.now() - cancelledMillis).toBeLessThan(1_000);
    expect(standIn.calls).toHaveLength(4);
  });

  it('outlive a control plane that is away for a while', async () => {
    const run = new RunAtControlPlane(40);
    let reports = 0;
    server.controlPlane.prompts = (body, id) => {
      if (id !== undefined) {
        reports += 1;
        if (reports === 2) server.controlPlane.failsWith = 503;
      }
      return run.answer(body, id);
    };
    await server.start();
    await waitFor(async () => server.controlPlane.failsWith === 503);
    await setTimeout(300);
    server.controlPlane.failsWith = undefined;
    await over(run);
    expect(standIn.calls).toHaveLength(40);
  });

  it('stop with the data plane, which tells what it knows', async () => {
    standIn.script = (call, response) =>
      JSON.stringify(call.json).includes('prompt 0')
        ? whole(call, response)
        : undefined;
    const run = new RunAtControlPlane(4);
    await start(run);
    await waitFor(async () => standIn.calls.length === 4);
    await setTimeout(50);
    await server.stop();
    expect([...run.answers.keys()]).toEqual([0]);
    expect(
      standIn.calls.filter(call => call.abortedAtMillis !== undefined),
    ).toHaveLength(3);
  });

  it('are not asked where nothing can be asked, and the reason holds no secret', async () => {
    process.env.STAND_IN_KEY = 'sk-not-the-right-one';
    const run = new RunAtControlPlane(100);
    await start(run);
    await over(run);
    expect(run.failure).toMatch(/^none of the first \d+ rows was answered: /);
    expect(run.failure).toContain('does not take its secret (401)');
    expect(JSON.stringify(run.reports)).not.toContain('sk-not');
    expect(standIn.calls.length).toBeLessThan(60);
  });

  it('are refused with the reason where the connection is of no use', async () => {
    const run = new RunAtControlPlane(1, {
      connection: { name: 'llm', kind: 'oracle', settings: {} },
    });
    await start(run);
    await over(run);
    expect(run.failure).toContain('of the kind "oracle"');
  });

  it('cut long answers, and keep only what a database takes', async () => {
    standIn.script = (_call, response) =>
      sendJson(response, 200, {
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'small',
        choices: [
          {
            index: 0,
            message: {
              role: 'assistant',
              content: `a\0${'x'.repeat(47)}😀 and more`,
            },
            finish_reason: 'stop',
          },
        ],
      });
    const run = new RunAtControlPlane(1);
    await start(run);
    await over(run);
    expect(run.answers.get(0)).toMatchObject({
      answer: `a\ufffd${'x'.repeat(47)}\ufffd`,
      cut: true,
    });
  });

  it('are not asked for often where the control plane knows of none', async () => {
    await server.start();
    await setTimeout(300);
    expect(
      server.logs.filter(line => line.includes('"what":"prompts"')),
    ).toEqual([]);
  });
});
