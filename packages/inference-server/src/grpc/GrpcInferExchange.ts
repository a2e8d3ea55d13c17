import type { IncomingHttpHeaders } from 'node:http';
import { Metadata } from '@grpc/grpc-js';
import { asFields, type Notice } from '../domain/DeprecationNotices';
import type { Exchange } from '../domain/Exchange';
import type { Cancellation } from '../domain/ModelRunner';
import { runTensors } from '../domain/runTensors';
import { asTensors } from '../domain/versionKinds';
import type { DataPlane } from '../domain/DataPlane';
import type { Logger } from '../logger';
import { classifyOutputs } from '../http/openInference/classify';
import { readCallHeaders } from '../http/readCallHeaders';
import {
  recordedStatusOf,
  STATUS_CLIENT_CLOSED,
  statusOf,
} from '../http/responses';
import { toInferResponse } from './describe';
import type { Received } from './protocol';
import { statusCode } from './statusCode';
import { readInferRequest, type ModelInferRequest } from './readInferRequest';

/** As of answers. */
const REQUEST_ID = 'x-request-id';

export interface GrpcContext {
  dataPlane: DataPlane;
  logger: Logger;
}

/** Carries one inference request of a gRPC call: its message in, the answer or an error out. */
export class GrpcInferExchange {
  readonly #context: GrpcContext;
  readonly #message: ModelInferRequest;
  readonly #bytes: number;
  readonly #refusal: Error | undefined;
  readonly #peer: Cancellation;
  readonly #exchange: Exchange;

  constructor(
    context: GrpcContext,
    call: {
      metadata: Metadata;
      peer: Cancellation;
      /** Milliseconds from now; Infinity for none. */
      timeLeftMillis: number;
    },
    { message, bytes, refusal }: Received,
  ) {
    this.#context = context;
    this.#message = message as ModelInferRequest;
    this.#bytes = bytes;
    this.#refusal = refusal;
    this.#peer = call.peer;
    const said = readCallHeaders(headersOf(call.metadata));
    const { model_name: model, model_version: version } = this.#message;
    this.#exchange = context.dataPlane.open(
      { ...said, model, version: version || said.version },
      call.peer,
    );
    if (call.timeLeftMillis < Infinity) {
      this.#exchange.waitsFor(call.timeLeftMillis);
    }
  }

  /** What is told beside the answer; undefined for nothing. */
  get metadata(): Metadata | undefined {
    const requestId = this.#exchange.identify(this.#message.id);
    const { deprecation } = this.#exchange;
    if (requestId === undefined && deprecation === undefined) return undefined;
    const metadata = new Metadata();
    if (requestId !== undefined) metadata.set(REQUEST_ID, requestId);
    setNotice(metadata, deprecation);
    return metadata;
  }

  /** What the caller of a call with one answer is told instead of it. */
  refusalOf(error: unknown): ReturnType<typeof statusCode> {
    const said = statusCode(error);
    const { deprecation } = this.#exchange;
    if (deprecation === undefined) return said;
    const metadata = said.metadata ?? new Metadata();
    setNotice(metadata, deprecation);
    return { ...said, metadata };
  }

  /**
   * Runs the model and hands the answer over.
   *
   * @throws whatever the request is refused for; it is taken down then
   */
  async answer(send: (response: object) => void): Promise<void> {
    const exchange = this.#exchange;
    try {
      if (this.#refusal) throw this.#refusal;
      exchange.enter();
      exchange.hold(this.#bytes);
      const served = asTensors(exchange.route());
      const request = readInferRequest(this.#message, served.signature);
      exchange.waitsFor(request.timeoutMillis);
      const values = await runTensors(
        exchange,
        request.inputs,
        request.outputs,
      );
      const outputs = request.classified
        ? classifyOutputs(values, request.classified, served)
        : values;
      if (this.#peer.cancelled) {
        exchange.end(STATUS_CLIENT_CLOSED);
        return;
      }
      send(toInferResponse(served, request.id, outputs));
      exchange.end(200);
    } catch (error) {
      const status = statusOf(error);
      if (status === 500) {
        this.#context.logger.error('an inference request failed', {
          model: this.#message.model_name,
          version: exchange.served?.version,
          error: error instanceof Error ? error.stack : String(error),
        });
      }
      exchange.end(recordedStatusOf(error));
      throw error;
    }
  }
}

function setNotice(metadata: Metadata, notice: Notice | undefined): void {
  for (const [name, value] of Object.entries(asFields(notice))) {
    metadata.set(name.toLowerCase(), value);
  }
}

/** Metadata are read as headers are, so that a caller says the same in both protocols. */
export function headersOf(metadata: Metadata): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(metadata.getMap())) {
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}
