// @ts-check
const LINE_BYTES = 1_000;
const TICKS_A_SECOND = 10;
const MEGABYTE = 1_000_000;
const MEBIBYTE = 1024 ** 2;
/** Of a log at least so much of the newest is kept, wherever it is written. */
const KEPT_BYTES = 8 * MEBIBYTE;
const SECONDS = 60;
/** By the clock, on a machine that has much else to do: it must not hang. */
const SLOW_MILLIS = 5_000;
const FOLLOW_MILLIS = 180_000;

/** What a program writes, from a byte on. */
function expectedLog(fromByte, bytes) {
  const first = Math.floor(fromByte / LINE_BYTES);
  const last = Math.ceil((fromByte + bytes) / LINE_BYTES);
  const lines = Array.from(
    { length: last - first },
    (_, index) => `${String(first + index).padEnd(LINE_BYTES - 1, '.')}\n`,
  ).join('');
  const skipped = fromByte - first * LINE_BYTES;
  return lines.slice(skipped, skipped + bytes);
}

/** Of a job's log all that is told of it as it comes; goes on where a connection broke, as a browser does. */
async function follow(ada, id) {
  const told = {
    bytes: 0,
    isRight: true,
    gapBytes: 0,
    hasEnded: false,
    connections: 0,
  };
  const deadline = performance.now() + FOLLOW_MILLIS;
  let next = 0;
  while (!told.hasEnded && performance.now() < deadline) {
    told.connections += 1;
    const response = await ada.open(`/ai-training/jobs/${id}/log`, {
      headers: {
        accept: 'text/event-stream',
        ...(next > 0 && { 'last-event-id': `1:${next}` }),
      },
      signal: AbortSignal.timeout(FOLLOW_MILLIS),
    });
    for await (const { event, data } of eventsOf(response)) {
      if (event === 'end') told.hasEnded = true;
      if (event !== 'log') continue;
      const { fromByte, text } = JSON.parse(data);
      told.gapBytes += fromByte - next;
      told.bytes += text.length;
      told.isRight &&= text === expectedLog(fromByte, text.length);
      next = fromByte + text.length;
    }
  }
  return told;
}

async function* eventsOf(response) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, event] = /^event: (.*)$/m.exec(part) ?? [];
      const [, data] = /^data: (.*)$/m.exec(part) ?? [];
      yield { event, data };
    }
  }
}

/** The log of an attempt that has ended, part by part, with where each begins. */
async function keptLog(ada, id) {
  const parts = [];
  let fromByte = 0;
  for (;;) {
    const response = await ada.open(
      `/ai-training/jobs/${id}/log?attempt=1&fromByte=${fromByte}`,
      { signal: AbortSignal.timeout(FOLLOW_MILLIS) },
    );
    const text = await response.text();
    parts.push(text);
    fromByte = Number(response.headers.get('x-from-byte')) + text.length;
    if (response.headers.get('x-is-end') === 'true') return parts.join('');
  }
}

export const outputScenes = [
  {
    name: '10 MB of a log in each second',
    isSmoke: true,
    /** @param {import('./failureScenes.mjs').Scene} scene */
    async play({ story, smoke, check }) {
      for (const backend of ['drill', 'local']) {
        const of = backend === 'local' ? "on the portal's machine: " : '';
        const template = backend === 'local' ? 'chatter-local' : 'chatter';
        for (const seconds of smoke ? [1] : [1, SECONDS]) {
          const total = seconds * TICKS_A_SECOND * MEGABYTE;
          const id = await story.submit(template, seconds * TICKS_A_SECOND, {
            backend,
          });
          await story.untilRunning(id);
          const health = story.sampleHealth(id);
          const [told, job] = await Promise.all([
            follow(story.ada, id),
            story.untilEnded(id),
          ]);
          const answers = await health.stop();
          const megabytes = `${of}${total / MEGABYTE} MB in ${seconds} s`;
          check(
            `${megabytes}: the job ends well, and the control plane answers meanwhile`,
            job.state.phase === 'succeeded' &&
              answers.failures === 0 &&
              answers.p95Millis < SLOW_MILLIS,
            `${job.state.phase}; ${answers.text}`,
          );
          check(
            `${megabytes}: whoever follows it is told what it wrote, to the byte, and what is left out`,
            told.isRight &&
              told.hasEnded &&
              told.bytes + told.gapBytes === total,
            `${told.bytes} bytes told over ${told.connections} connections, ${told.gapBytes} left out`,
          );
          const log = await keptLog(story.ada, id);
          const { holds, detail } = compare(log, total);
          check(`${megabytes}: what is kept is what it wrote`, holds, detail);
        }
      }
    },
  },
  {
    name: 'metrics are no numbers',
    isSmoke: true,
    /** @param {import('./failureScenes.mjs').Scene} scene */
    async play({ story, check }) {
      const { ada } = story;
      const id = await story.submit('diverge', 1);
      const job = await story.untilEnded(id);
      const run = await ada.call(`/ai-training/runs/${job.run}`);
      const last = Object.fromEntries(
        (run.metrics ?? []).map(({ key, value }) => [key, value]),
      );
      check(
        'the run has them as they are',
        job.state.phase === 'succeeded' &&
          last.loss === 'NaN' &&
          last.accuracy === 'NaN' &&
          last.gap === '-Infinity',
        `${job.state.phase}: ${JSON.stringify(run.metrics)}`,
      );
      const { items: curves } = await ada.call('/ai-training/metric-series', {
        method: 'POST',
        body: { runs: [job.run], keys: ['loss', 'accuracy', 'gap'] },
      });
      const loss = curves.find(({ key }) => key === 'loss');
      check(
        'its curves are read',
        curves.length === 3 &&
          JSON.stringify(loss.points.map(({ value }) => value)) ===
            JSON.stringify([0.9, 0.5, 'NaN', 'Infinity', 'NaN']),
        JSON.stringify(loss?.points),
      );
      const find = async filter => {
        const query = new URLSearchParams({
          ...(filter && { filter }),
          orderBy: 'metrics.loss ASC',
        });
        const { items } = await ada.call(
          `/ai-training/experiments/${job.experiment}/runs?${query}`,
        );
        return items.length;
      };
      const good = [
        await find('metrics.accuracy > 0.9'),
        await find('metrics.accuracy < 0.9'),
        await find('metrics.loss < 1'),
        await find('metrics.loss > 1'),
      ];
      check(
        'nobody who looks for good ones finds it, and it is listed',
        good.every(count => count === 0) && (await find('')) === 1,
        `found ${good.join(', ')}`,
      );
      await checkEvaluation({ ada, check });
    },
  },
];

/** A version is not measured to be good, or bad, by what is no number. */
async function checkEvaluation({ ada, check }) {
  const statuses = [];
  for (const value of [0.9, 'NaN', 'Infinity', null]) {
    const status = await ada
      .call('/ai-registry/models/none/versions/1/evaluations', {
        method: 'POST',
        body: {
          dataset: {
            name: 'held-out',
            digest: `sha256:${'0'.repeat(64)}`,
            rows: 10,
          },
          metrics: { accuracy: value },
          primary: { name: 'accuracy', higherIsBetter: true },
        },
      })
      .then(
        () => 201,
        error => error.status,
      );
    statuses.push(status);
  }
  check(
    'what a gate compares is refused where it is no number',
    // The model of the first one is not there.
    statuses.join(' ') === '404 400 400 400',
    statuses.join(', '),
  );
}

/** All of it where it is little, and of more the newest, and all that is there in order. */
function compare(log, total) {
  if (log.length === total) {
    return {
      holds: log === expectedLog(0, total),
      detail: `${log.length} of ${total} bytes`,
    };
  }
  const newest = log.slice(-KEPT_BYTES);
  const [cut] = /\n--- [^\n]* ---\n/.exec(log) ?? [];
  return {
    holds:
      newest === expectedLog(total - KEPT_BYTES, KEPT_BYTES) &&
      cut !== undefined,
    detail: `${log.length} of ${total} bytes; ${JSON.stringify(
      cut ?? 'no word of what is left out',
    )}`,
  };
}
