// @ts-check
import { Agent, request } from 'node:http';

const MOST_ERROR_CHARACTERS = 300;

/** A server that speaks MLflow's protocol, with connections that stay open. */
export class Side {
  #base;
  #headers;
  #agent;

  /**
   * @param {{ name: string, url: string, token?: string, users: number }} options
   */
  constructor({ name, url, token, users }) {
    this.name = name;
    this.#base = new URL(url);
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
    this.#agent = new Agent({ keepAlive: true, maxSockets: users });
  }

  close() {
    this.#agent.destroy();
  }

  async post(path, body) {
    return JSON.parse(await this.send({ method: 'POST', path, body }));
  }

  /** Puts a file where its URI says. */
  async put(uri, text) {
    const path = uri.replace('mlflow-artifacts:/', '');
    return this.#send(
      'PUT',
      `/api/2.0/mlflow-artifacts/artifacts/${path}`,
      text,
      'text/plain',
    );
  }

  /** @param {import('./cases.mjs').Request} asked */
  send({ method, path, body }) {
    return this.#send(
      method,
      `/api/2.0/mlflow/${path}`,
      body && JSON.stringify(body),
      'application/json',
    );
  }

  /** @returns {Promise<string>} */
  #send(method, path, body, type) {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          agent: this.#agent,
          host: this.#base.hostname,
          port: this.#base.port,
          path: `${this.#base.pathname.replace(/\/$/, '')}${path}`,
          method,
          headers: {
            ...this.#headers,
            ...(body !== undefined && {
              'content-type': type,
              'content-length': Buffer.byteLength(body),
            }),
          },
        },
        response => {
          const chunks = [];
          response.on('data', chunk => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode === 200) resolve(text);
            else {
              reject(
                new Error(
                  `${this.name} ${method} ${path}: ${
                    response.statusCode
                  } ${text.slice(0, MOST_ERROR_CHARACTERS)}`,
                ),
              );
            }
          });
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
