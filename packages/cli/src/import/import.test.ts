import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../__testUtils__/run';
import { proxyPathOf } from './importFiles';
import { inBatches } from './Import';
import { forEachParallel } from '../forEachParallel';
import { parseSource } from './importRegistry';
import { Report } from './Report';

const SERVER = 'https://mlflow.example.com/base';
const MODEL = `m-${'a'.repeat(32)}`;

describe('what the command is given', () => {
  const environment = {
    GREENROOM_URL: 'http://127.0.0.1:1',
    GREENROOM_TOKEN: 'mine',
  };

  it.each([
    [['import'], 'expected mlflow'],
    [['import', 'mlflow'], 'expected the address of the MLflow server'],
    [['import', 'wandb', 'https://example.com'], "'wandb': expected mlflow"],
    [['import', 'mlflow', 'file:///mlruns'], 'expected one such as https://'],
    [
      ['import', 'mlflow', 'https://me:secret@example.com'],
      'set MLFLOW_TRACKING_USERNAME',
    ],
  ])('%j is refused', async (args, message) => {
    const { code, complained } = await run(args, { environment });
    expect(code).toBe(2);
    expect(complained).toContain(message);
    expect(complained).not.toContain('secret');
  });
});

describe('a server that is none of MLflow', () => {
  it.each([
    [200, '<p>Welcome</p>', 'answers with something else than JSON'],
    [401, 'Sign in', 'MLFLOW_TRACKING_TOKEN'],
    [404, '{"message": "no such path"}', 'answers 404: no such path'],
  ])('answers %d', async (status, body, why) => {
    const server = createServer((_req, res) => {
      res.writeHead(status).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, printed } = await run(
      ['import', 'mlflow', `http://127.0.0.1:${port}/`, '--json'],
      {
        environment: {
          GREENROOM_URL: 'http://127.0.0.1:1',
          GREENROOM_TOKEN: 'mine',
        },
      },
    );
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    expect(code).toBe(1);
    expect(JSON.parse(printed).stopped).toContain(why);
  });
});

it.each([
  ['mlflow-artifacts:/1/ab/artifacts', '1/ab/artifacts'],
  ['mlflow-artifacts://mlflow.example.com/1/ab/', '1/ab'],
  ['mlflow-artifacts://elsewhere.example.com/1/ab', undefined],
  ['s3://bucket/1', undefined],
  ['/srv/mlruns/1', undefined],
  ['', undefined],
])('the server hands out %s as %s', (uri, path) => {
  expect(proxyPathOf(uri, SERVER)).toBe(path);
});

it.each([
  ['runs:/ab/model', 'runs:/ab/model'],
  [`models:/${MODEL}`, `models:/${MODEL}`],
  ['mlflow-artifacts:/1/ab/artifacts/model', 'runs:/ab/model'],
  [`mlflow-artifacts:/1/models/${MODEL}/artifacts`, `models:/${MODEL}`],
  ['mlflow-artifacts:/1/ab/artifacts', undefined],
  ['dbfs:/model', undefined],
])('a version of %s is made of %s', (source, here) => {
  expect(parseSource(source, SERVER)).toBe(here);
});

it('sends few long things at a time, and many short ones', () => {
  const sizes = (items: string[]) =>
    inBatches(items, { most: 3, mostCharacters: 100 }).map(
      ({ length }) => length,
    );
  expect(sizes([])).toEqual([]);
  expect(sizes(['a', 'b', 'c', 'd'])).toEqual([3, 1]);
  expect(sizes(['a'.repeat(500), 'b', 'c'.repeat(90)])).toEqual([1, 2]);
});

describe('several at a time', () => {
  async function* numbers(count: number) {
    for (let number = 0; number < count; number++) yield number;
  }

  it('does all of them, and never more than it may', async () => {
    let current = 0;
    let most = 0;
    const done: number[] = [];
    await forEachParallel(numbers(20), { limit: 4 }, async number => {
      current += 1;
      most = Math.max(most, current);
      await new Promise(resolve => setTimeout(resolve, 1));
      current -= 1;
      done.push(number);
    });
    expect(most).toBe(4);
    expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
  });

  it('takes no more after one failed', async () => {
    const begun: number[] = [];
    await expect(
      forEachParallel(numbers(100), { limit: 4 }, async number => {
        begun.push(number);
        await new Promise(resolve => setTimeout(resolve, 1));
        if (number === 2) throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(begun.length).toBeLessThan(12);
  });
});

it('reports so that people can read it', () => {
  const report = new Report();
  report.add('runs', 'came', 41);
  report.add('runs', 'there');
  report.fail('files', { what: 'run 1', why: 'they lie at s3://bucket' });
  report.note({ what: 'version 4', why: 'it is version 2 here' });
  const facts = { from: 'https://old', to: 'https://new', isDryRun: false };
  expect(report.toText(facts)).toMatchInlineSnapshot(`
    "From https://old to https://new

                       came  here already  did not
    experiments           0             0        0
    runs                 41             1        0
    metric points         0             0        0
    datasets              0             0        0
    files                 0             0        1
    logged models         0             0        0
    registered models     0             0        0
    versions              0             0        0
    aliases               0             0        0

    Did not come:
      run 1: they lie at s3://bucket

    To know:
      version 4: it is version 2 here

    Not everything came. Called again, it brings what is missing."
  `);
  expect(report.isComplete).toBe(false);
  report.stopped = 'by Ctrl+C';
  expect(report.toText(facts)).toContain(
    'Stopped: by Ctrl+C. Call it again to go on.',
  );
  expect(report.toJson(facts)).toMatchObject({
    complete: false,
    stopped: 'by Ctrl+C',
    counts: { runs: { came: 41, there: 1, failed: 0 } },
  });
});
