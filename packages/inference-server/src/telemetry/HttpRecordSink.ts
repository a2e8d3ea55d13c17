import type {
  RecordBatch,
  RecordReceipt,
} from '@greenroom/plugin-ai-inference-common';
import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { errorMessage } from '../errors';
import {
  describeFailure,
  describeStatus,
} from '../snapshot/controlPlaneFailure';
import type { ControlPlaneToken } from '../snapshot/controlPlaneToken';
import type { Delivery, RecordSink } from './RecordSink';

const TIMEOUT_MILLIS = 10_000;
/** Statuses by which the control plane says that it can never take a batch as it is. */
const REFUSING_STATUSES = new Set([400, 413, 422]);
/** Of an answer's text, what a log line takes. */
const SHOWN_CHARACTERS = 500;

const receipt: z.ZodType<Pick<RecordReceipt, 'duplicate'>> = z.object({
  duplicate: z.boolean(),
});

/** Hands batches to the control plane. */
export class HttpRecordSink implements RecordSink {
  readonly #url: string;
  readonly #token: ControlPlaneToken;
  readonly #dispatcher: Dispatcher | undefined;

  constructor(options: {
    controlPlaneUrl: string;
    token: ControlPlaneToken;
    dispatcher?: Dispatcher;
  }) {
    this.#url = new URL(
      '/api/ai-monitoring/records',
      options.controlPlaneUrl,
    ).toString();
    this.#token = options.token;
    this.#dispatcher = options.dispatcher;
  }

  async deliver(batch: RecordBatch, signal: AbortSignal): Promise<Delivery> {
    try {
      const { statusCode, body } = await request(this.#url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.#token()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(batch),
        headersTimeout: TIMEOUT_MILLIS,
        bodyTimeout: TIMEOUT_MILLIS,
        dispatcher: this.#dispatcher,
        signal,
      });
      const text = await body.text();
      if (statusCode >= 200 && statusCode < 300) {
        const { duplicate } = receipt.parse(JSON.parse(text));
        return { kind: 'delivered', duplicate };
      }
      const answer = text.slice(0, SHOWN_CHARACTERS);
      if (REFUSING_STATUSES.has(statusCode)) {
        return { kind: 'refused', reason: `status ${statusCode}: ${answer}` };
      }
      return {
        kind: 'unavailable',
        reason: describeStatus(statusCode),
        details: { statusCode, answer },
      };
    } catch (error) {
      return {
        kind: 'unavailable',
        reason: describeFailure(error),
        details: { error: errorMessage(error) },
      };
    }
  }
}
