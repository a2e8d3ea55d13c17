import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Fields = Record<string, unknown>;

/** What a made-up server of MLflow has; answers have the shape of those of MLflow 3.6. */
export interface MlflowContents {
  experiments: Fields[];
  /** By the experiment's id. */
  runs: Record<string, Fields[]>;
  /** By the run's id and the metric's name. */
  histories: Record<string, Fields[]>;
  /** By the experiment's id. */
  loggedModels: Record<string, Fields[]>;
  models: (Fields & { name: string })[];
  /** By the model's name. */
  versions: Record<string, (Fields & { version: string })[]>;
  /** By their paths below the proxy. */
  files: Record<string, string>;
  /** Ids of runs that say they have files where the server hands none out. */
  runsWithFilesElsewhere: string[];
}

export interface MlflowStandIn {
  url: string;
  contents: MlflowContents;
  /** Methods and paths, in order. */
  asked: string[];
  /** Values of the header, one for each call. */
  authorizations: (string | undefined)[];
  /** Answers a call in place of the server; undefined where the server shall. */
  disturb?: (call: string) => { status: number } | 'reset' | undefined;
  stop(): Promise<void>;
}

const API = '/api/2.0/mlflow';
const PROXY = '/api/2.0/mlflow-artifacts/artifacts';
const PAGE = 2;

export async function startMlflow(
  contents: MlflowContents,
): Promise<MlflowStandIn> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const standIn: MlflowStandIn = {
    url: `http://127.0.0.1:${port}`,
    contents,
    asked: [],
    authorizations: [],
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  server.on('request', (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://it');
    const call = `${req.method} ${pathname}`;
    standIn.asked.push(call);
    standIn.authorizations.push(req.headers.authorization);
    const disturbance = standIn.disturb?.(call);
    if (disturbance === 'reset') {
      req.socket.destroy();
      return;
    }
    if (disturbance) {
      res.writeHead(disturbance.status).end('busy');
      return;
    }
    void readJson(req).then(body => {
      const answer = answerTo(contents, call, {
        ...Object.fromEntries(searchParams),
        ...body,
      });
      if (typeof answer === 'string') {
        res.end(answer);
        return;
      }
      res
        .writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
        .end(
          JSON.stringify(
            answer ?? { error_code: 'NOT_FOUND', message: 'not found' },
          ),
        );
    });
  });
  return standIn;
}

async function readJson(req: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return chunks.length > 0 ? JSON.parse(String(Buffer.concat(chunks))) : {};
}

/** Undefined: there is no such thing. */
function answerTo(
  contents: MlflowContents,
  call: string,
  fields: Fields,
): object | string | undefined {
  const { experiments, runs, histories, loggedModels, models, versions } =
    contents;
  const page = (name: string, items: Fields[] = []) => {
    const from = Number(fields.page_token ?? 0);
    const next = from + PAGE < items.length ? String(from + PAGE) : undefined;
    return { [name]: items.slice(from, from + PAGE), next_page_token: next };
  };
  const [experiment] = (fields.experiment_ids ?? []) as string[];
  switch (call) {
    case `POST ${API}/experiments/search`:
      return page('experiments', experiments);
    case `POST ${API}/runs/search`:
      return page('runs', runs[experiment]);
    case `GET ${API}/metrics/get-history`:
      return page(
        'metrics',
        histories[`${fields.run_id} ${fields.metric_key}`],
      );
    case `POST ${API}/logged-models/search`:
      return page('models', loggedModels[experiment]);
    case `GET ${API}/registered-models/search`:
      return page('registered_models', models);
    case `GET ${API}/registered-models/get`:
      return {
        registered_model: models.find(({ name }) => name === fields.name),
      };
    case `GET ${API}/model-versions/search`:
      return page(
        'model_versions',
        versions[/^name='(.*)'$/.exec(String(fields.filter))?.[1] ?? ''],
      );
    case `GET ${API}/model-versions/get`:
      return {
        model_version: versions[String(fields.name)]?.find(
          ({ version }) => version === fields.version,
        ),
      };
    case `GET ${API}/artifacts/list`:
      return {
        files: contents.runsWithFilesElsewhere.includes(String(fields.run_id))
          ? [{ path: 'model', is_dir: true }]
          : [],
      };
    case `GET ${PROXY}`:
      return { files: listFolder(contents.files, String(fields.path)) };
    default:
      return contents.files[
        decodeURIComponent(call.replace(`GET ${PROXY}/`, ''))
      ];
  }
}

function listFolder(files: Record<string, string>, folder: string): Fields[] {
  const below = Object.keys(files)
    .filter(path => path.startsWith(`${folder}/`))
    .map(path => path.slice(folder.length + 1));
  const folders = below.filter(path => path.includes('/'));
  return [
    ...[...new Set(folders.map(path => path.split('/')[0]))].map(path => ({
      path,
      is_dir: true,
    })),
    ...below
      .filter(path => !path.includes('/'))
      .map(path => ({
        path,
        is_dir: false,
        file_size: Buffer.byteLength(files[`${folder}/${path}`]),
      })),
  ];
}
