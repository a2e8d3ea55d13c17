import { expect, type Page } from '@playwright/test';
import { goTo } from './people';

const MLFLOW = '/api/ai-training/mlflow/api/2.0';

/** Logs as MLflow's client does, with the token of whoever is signed in. */
export class TrackingClient {
  readonly #page: Page;
  readonly #authorization: string;

  private constructor(page: Page, authorization: string) {
    this.#page = page;
    this.#authorization = authorization;
  }

  static async of(page: Page): Promise<TrackingClient> {
    const asked = page.waitForRequest(
      request =>
        request.url().includes('/api/ai-training/') &&
        request.headers().authorization !== undefined,
    );
    await goTo(page, 'Training');
    const { authorization } = (await asked).headers();
    return new TrackingClient(page, authorization);
  }

  /** @param path - below MLflow's API, such as `runs/create` */
  async post(path: string, data: object) {
    const answer = await this.#page.request.post(`${MLFLOW}/mlflow/${path}`, {
      data,
      headers: { authorization: this.#authorization },
    });
    expect(answer.status(), await answer.text()).toBe(200);
    return answer.json();
  }

  /** @param path - of a file below all artifacts, such as `<experiment>/<run>/artifacts/notes.txt` */
  async put(path: string, data: string) {
    const answer = await this.#page.request.put(
      `${MLFLOW}/mlflow-artifacts/artifacts/${path}`,
      {
        data,
        headers: {
          authorization: this.#authorization,
          'content-type': 'text/plain',
        },
      },
    );
    expect(answer.status()).toBe(200);
  }
}
