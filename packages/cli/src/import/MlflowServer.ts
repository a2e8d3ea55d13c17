import { type Endpoint, RefusedError } from './Endpoint';
import type {
  ExperimentMessage,
  FileMessage,
  LoggedModelMessage,
  MetricMessage,
  RegisteredModelMessage,
  RunMessage,
  VersionMessage,
} from './messages';

const API = '/api/2.0/mlflow';
const PROXY = '/api/2.0/mlflow-artifacts/artifacts';
/** Of things that are large themselves. */
const PAGE = 50;
/** Of points; what is logged at once. */
const POINTS = 1_000;

interface Page {
  next_page_token?: string;
}

/** Speaks MLflow's protocol: with a server of MLflow, and with the portal. Lists come page by page. */
export class MlflowServer {
  readonly endpoint: Endpoint;
  readonly #prefix: string;

  /** @param options.prefix - of the protocol's paths below the endpoint's address */
  constructor(options: { endpoint: Endpoint; prefix?: string }) {
    this.endpoint = options.endpoint;
    this.#prefix = options.prefix ?? '';
  }

  /** @param path - below the protocol's, such as `/runs/log-batch` */
  post<T = object>(
    path: string,
    body: object,
    options: { canRepeat?: boolean } = {},
  ): Promise<T> {
    return this.#ask('POST', path, { body, ...options });
  }

  patch<T = object>(path: string, body: object): Promise<T> {
    return this.#ask('PATCH', path, { body });
  }

  get<T>(path: string, query: Record<string, string>): Promise<T> {
    return this.#ask('GET', path, { query });
  }

  /** Undefined where there is none. */
  async find<T>(
    path: string,
    query: Record<string, string>,
  ): Promise<T | undefined> {
    return absent(this.get<T>(path, query));
  }

  experiments(): AsyncIterable<ExperimentMessage> {
    return this.#pages<ExperimentMessage>('experiments', token =>
      this.post('/experiments/search', {
        max_results: PAGE,
        view_type: 'ALL',
        page_token: token,
      }),
    );
  }

  /** Deleted ones, too. */
  runs(experiment: string): AsyncIterable<RunMessage> {
    return this.#pages<RunMessage>('runs', token =>
      this.post('/runs/search', {
        experiment_ids: [experiment],
        run_view_type: 'ALL',
        max_results: PAGE,
        page_token: token,
      }),
    );
  }

  /** Points of a metric, in pages that can be logged at once. */
  async *history(run: string, key: string): AsyncGenerator<MetricMessage[]> {
    let token: string | undefined;
    do {
      const page: Page & { metrics?: MetricMessage[] } = await this.#ask(
        'GET',
        '/metrics/get-history',
        {
          query: {
            run_id: run,
            metric_key: key,
            max_results: POINTS,
            page_token: token,
          },
        },
      );
      const points = page.metrics ?? [];
      // Old servers know no pages here.
      for (let from = 0; from < points.length; from += POINTS) {
        yield points.slice(from, from + POINTS);
      }
      token = page.next_page_token;
    } while (token);
  }

  /** None where the server is older than they are. */
  async *loggedModels(experiment: string): AsyncGenerator<LoggedModelMessage> {
    try {
      yield* this.#pages<LoggedModelMessage>('models', token =>
        this.post('/logged-models/search', {
          experiment_ids: [experiment],
          max_results: PAGE,
          page_token: token,
        }),
      );
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 404) throw error;
    }
  }

  registeredModels(): AsyncIterable<RegisteredModelMessage> {
    return this.#pages<RegisteredModelMessage>('registered_models', token =>
      this.#ask('GET', '/registered-models/search', {
        query: { max_results: PAGE, page_token: token },
      }),
    );
  }

  /** In the order of their numbers. */
  versions(model: string): AsyncIterable<VersionMessage> {
    const quote = model.includes("'") ? '"' : "'";
    return this.#pages<VersionMessage>('model_versions', token =>
      this.#ask('GET', '/model-versions/search', {
        query: {
          filter: `name=${quote}${model}${quote}`,
          order_by: 'version_number ASC',
          max_results: PAGE,
          page_token: token,
        },
      }),
    );
  }

  /** What lies directly in a folder of the proxy; nothing where there is no such folder. */
  async files(folder: string): Promise<FileMessage[]> {
    const found = await absent(
      this.endpoint.json<{ files?: FileMessage[] }>('GET', {
        path: `${this.#prefix}${PROXY}`,
        query: { path: folder },
      }),
    );
    return found?.files ?? [];
  }

  /** @returns how many bytes it has */
  copyFile(file: string, to: { server: MlflowServer; file: string }) {
    return this.endpoint.copyTo(this.#pathOf(file), {
      endpoint: to.server.endpoint,
      path: to.server.#pathOf(to.file),
    });
  }

  #pathOf(file: string): string {
    const encoded = file.split('/').map(encodeURIComponent).join('/');
    return `${this.#prefix}${PROXY}/${encoded}`;
  }

  #ask<T>(
    method: string,
    path: string,
    options: {
      query?: Record<string, string | number | undefined>;
      body?: object;
      canRepeat?: boolean;
    },
  ): Promise<T> {
    return this.endpoint.json<T>(method, {
      ...options,
      path: `${this.#prefix}${API}${path}`,
    });
  }

  async *#pages<Item>(
    field: string,
    read: (token: string | undefined) => Promise<object>,
  ): AsyncGenerator<Item> {
    let token: string | undefined;
    do {
      const page: Page & { [field: string]: unknown } = {
        ...(await read(token)),
      };
      yield* (page[field] as Item[] | undefined) ?? [];
      token = page.next_page_token;
    } while (token);
  }
}

async function absent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}
