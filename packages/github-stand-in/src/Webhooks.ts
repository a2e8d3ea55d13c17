import { createHmac, randomUUID } from 'node:crypto';

export interface Delivery {
  id: string;
  event: string;
  payload: object;
}

const MOST_REMEMBERED = 1_000;

/** Tells a receiver what happened, as GitHub does: signed, with an id a delivery, and not always. */
export class Webhooks {
  /** Where to; undefined: nobody is told. */
  url: string | undefined;
  secret = 'webhook-secret';
  /** `drop`: none arrives; `twice`: each arrives two times under one id. */
  mode: 'deliver' | 'drop' | 'twice' = 'deliver';
  readonly deliveries: Delivery[] = [];
  readonly #outstanding = new Set<Promise<unknown>>();

  tell(event: string, payload: object): void {
    const delivery = { id: randomUUID(), event, payload };
    this.deliveries.push(delivery);
    if (this.deliveries.length > MOST_REMEMBERED) this.deliveries.shift();
    if (this.mode === 'drop') return;
    for (let time = 0; time < (this.mode === 'twice' ? 2 : 1); time++) {
      this.redeliver(delivery);
    }
  }

  /** Sends it once more, under the same id. */
  redeliver(delivery: Delivery): void {
    const { url } = this;
    if (url === undefined) return;
    const sent = send(url, this.secret, delivery).catch(() => {});
    this.#outstanding.add(sent);
    sent.finally(() => this.#outstanding.delete(sent));
  }

  /** When all that were sent have been answered, or have failed. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding);
  }
}

async function send(
  url: string,
  secret: string,
  { id, event, payload }: Delivery,
): Promise<void> {
  const body = JSON.stringify(payload);
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/stand-in',
      'x-github-delivery': id,
      'x-github-event': event,
      'x-hub-signature-256': signatureOf(body, secret),
    },
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
}

/** As GitHub signs the body of a delivery. */
export function signatureOf(body: string | Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
