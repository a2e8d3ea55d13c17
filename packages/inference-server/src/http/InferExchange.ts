import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DataPlane } from '../domain/DataPlane';
import { asFields } from '../domain/DeprecationNotices';
import type { Exchange } from '../domain/Exchange';
import { InferenceError } from '../domain/InferenceError';
import type { Cancellation } from '../domain/ModelRunner';
import { runTensors } from '../domain/runTensors';
import type { TensorVersion } from '../domain/ServedVersion';
import { asTensors } from '../domain/versionKinds';
import type { Logger } from '../logger';
import { compress, encodingFor } from './compress';
import { decompress } from './decompress';
import { classifyOutputs } from './openInference/classify';
import { decodeInferRequest } from './openInference/decodeInferRequest';
import {
  InferResponseEncoder,
  type EncodedInferResponse,
} from './openInference/InferResponseEncoder';
import { joinBody } from './joinBody';
import type { ModelTarget } from './parseTarget';
import { rateLimitFields, rateLimitHeaders } from './rateLimitFields';
import { readCallHeaders } from './readCallHeaders';
import {
  recordedStatusOf,
  sendError,
  STATUS_CLIENT_CLOSED,
  statusOf,
} from './responses';
import { tooLarge } from './tooLarge';

/** As of answers. */
const REQUEST_ID = 'X-Request-Id';
const JSON_LENGTH_HEADER = 'inference-header-content-length';
/** Bytes of a refused body that are read and thrown away, so that the caller sees the answer. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** What all inference exchanges of a server share. */
export interface InferContext {
  dataPlane: DataPlane;
  logger: Logger;
  maxBodyBytes: number;
  maxJsonValues: number;
  encoders: WeakMap<TensorVersion, InferResponseEncoder>;
}

/** Carries one inference request over HTTP: its bytes in, the answer or the error out. */
export class InferExchange implements Cancellation {
  readonly #context: InferContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #exchange: Exchange;
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #bodyOver = false;

  constructor(
    context: InferContext,
    request: IncomingMessage,
    response: ServerResponse,
    { model, version }: ModelTarget,
  ) {
    const said = readCallHeaders(request.headers);
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#exchange = context.dataPlane.open(
      { ...said, model, version: version ?? said.version },
      this,
    );
  }

  /** Whether the caller has closed the connection. */
  get cancelled(): boolean {
    return !this.#request.socket.writable;
  }

  /** Refuses early what can be refused by the headers, and reads the body otherwise. */
  start(): void {
    const { maxBodyBytes } = this.#context;
    const request = this.#request;
    try {
      this.#exchange.enter();
      if (Number(request.headers['content-length']) > maxBodyBytes) {
        throw tooLarge(maxBodyBytes);
      }
    } catch (error) {
      this.#refuse(error);
      return;
    }
    request.on('data', (chunk: Buffer) => this.#onData(chunk));
    request.on('end', () => this.#onEnd());
    request.on('close', () => {
      if (!this.#bodyOver) this.#exchange.end(STATUS_CLIENT_CLOSED);
    });
  }

  #onData(chunk: Buffer): void {
    if (this.#exchange.ended) return;
    this.#receivedBytes += chunk.length;
    const { maxBodyBytes } = this.#context;
    try {
      if (this.#receivedBytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
      this.#exchange.hold(chunk.length);
      this.#chunks.push(chunk);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #onEnd(): void {
    this.#bodyOver = true;
    if (this.#exchange.ended) return;
    const body = joinBody(
      this.#chunks,
      this.#receivedBytes,
      Number(this.#request.headers[JSON_LENGTH_HEADER] ?? 0),
    );
    this.#chunks = [];
    this.#answer(body).catch(error => this.#fail(error));
  }

  async #answer(raw: Buffer): Promise<void> {
    const { encoders, maxBodyBytes, maxJsonValues } = this.#context;
    const { headers } = this.#request;
    const encoding = headers['content-encoding'];
    const body =
      encoding === undefined
        ? raw
        : await decompress(raw, encoding, {
            maxBytes: maxBodyBytes,
            hold: bytes => this.#exchange.hold(bytes),
          });
    const served = asTensors(this.#exchange.route());
    const decoded = decodeInferRequest(
      body,
      jsonLength(headers[JSON_LENGTH_HEADER]),
      served.signature,
      maxJsonValues,
    );
    const { classified, timeoutMillis } = decoded;
    this.#exchange.waitsFor(timeoutMillis);
    const values = await runTensors(
      this.#exchange,
      decoded.inputs,
      decoded.outputs,
    );
    const outputs = classified
      ? classifyOutputs(values, classified, served)
      : values;
    let encoder = encoders.get(served);
    if (encoder === undefined) {
      encoder = new InferResponseEncoder(served);
      encoders.set(served, encoder);
    }
    const requestId = this.#exchange.identify(decoded.id);
    const { limits, deprecation } = this.#exchange;
    const more = requestId === undefined ? [] : [REQUEST_ID, requestId];
    if (limits) more.push(...rateLimitFields(limits));
    if (deprecation) more.push(...deprecation);
    await this.#send(
      encoder.encode(decoded.id, outputs, decoded.binary, classified),
      more,
    );
  }

  /** @param more - names and values of further headers */
  async #send(
    { json, blobs }: EncodedInferResponse,
    more: string[],
  ): Promise<void> {
    const jsonBytes = Buffer.byteLength(json);
    const headers =
      blobs === undefined
        ? ['Content-Type', 'application/json', ...more]
        : [
            'Content-Type',
            'application/octet-stream',
            'Inference-Header-Content-Length',
            `${jsonBytes}`,
            ...more,
          ];
    const body =
      blobs === undefined ? json : Buffer.concat([Buffer.from(json), ...blobs]);
    const bytes = typeof body === 'string' ? jsonBytes : body.length;
    const accepted = this.#request.headers['accept-encoding'];
    const encoding =
      accepted === undefined ? undefined : encodingFor(accepted, bytes);
    if (encoding === undefined) {
      this.#write(body, bytes, headers);
      return;
    }
    const compressed = await compress(body, encoding);
    headers.push('Content-Encoding', encoding, 'Vary', 'Accept-Encoding');
    this.#write(compressed, compressed.length, headers);
  }

  #write(body: string | Buffer, bytes: number, headers: string[]): void {
    if (this.cancelled) {
      this.#exchange.end(STATUS_CLIENT_CLOSED);
      return;
    }
    headers.push('Content-Length', `${bytes}`);
    this.#response.writeHead(200, headers);
    this.#response.end(body);
    this.#exchange.end(200);
  }

  /** Answers with an error while the body may still be coming. */
  #refuse(error: unknown): void {
    this.#fail(error);
    const request = this.#request;
    this.#chunks = [];
    let discarded = 0;
    request.removeAllListeners('data');
    request.on('data', (chunk: Buffer) => {
      discarded += chunk.length;
      if (discarded > MAX_DISCARDED_BYTES) request.socket.destroy();
    });
  }

  #fail(error: unknown): void {
    const status = statusOf(error);
    if (status === 500) {
      this.#context.logger.error('an inference request failed', {
        model: this.#exchange.asked.model,
        version: this.#exchange.served?.version,
        error: error instanceof Error ? error.stack : String(error),
      });
    }
    if (status !== STATUS_CLIENT_CLOSED && !this.#response.headersSent) {
      sendError(this.#response, error, this.#headersOfError());
    }
    this.#exchange.end(recordedStatusOf(error));
  }

  #headersOfError(): Record<string, string> {
    const requestId = this.#exchange.identify();
    const { limits, deprecation } = this.#exchange;
    return {
      ...(requestId !== undefined && { [REQUEST_ID]: requestId }),
      ...(limits && rateLimitHeaders(limits)),
      ...asFields(deprecation),
    };
  }
}

/** @throws InferenceError `invalid` when the header is no number of bytes. */
function jsonLength(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  if (!/^[0-9]{1,12}$/.test(text)) {
    throw new InferenceError(
      'invalid',
      `Inference-Header-Content-Length is "${text}", expected the number of bytes of the JSON`,
    );
  }
  return Number(text);
}
