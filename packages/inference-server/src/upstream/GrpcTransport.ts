import {
  Client,
  credentials,
  Metadata,
  type ChannelCredentials,
  type ServiceError,
} from '@grpc/grpc-js';
import { getCACertificates } from 'node:tls';
import { explainGrpcError } from './explainGrpcError';
import { ResponseBody } from './ResponseBody';
import type {
  Transport,
  UpstreamCall,
  UpstreamResponse,
  UpstreamTimes,
} from './Upstream';
import { UpstreamFailure } from './UpstreamFailure';

/** Connections to one address: the messages of one are written and read one after another. */
const CHANNELS = 2;
/** Longest wait before a connection that failed is tried again, in milliseconds. */
const MOST_RECONNECT_MILLIS = 2_000;
/** What the service is given more than its caller waits, who is told here that the time is over. */
const GRACE_MILLIS = 250;
/** Values of metadata that gRPC carries as text. */
const CARRIED = /^[ -~]*$/;

/** A channel, and the calls that are on it. */
interface Channel {
  client: Client;
  inFlight: number;
}

/**
 * Carries calls by gRPC: the path is the method, the headers are metadata, the body is the
 * message. An answer has the status 200 and the message; a status of gRPC becomes HTTP's, so that
 * retries, the breaker and explanations are the same for both. Retries nothing by itself.
 */
export class GrpcTransport implements Transport {
  readonly #times: UpstreamTimes;
  readonly #maxAnswerBytes: number;
  readonly #channels: readonly Channel[];

  constructor(options: {
    /** `host:port`. */
    address: string;
    isSecure: boolean;
    times: UpstreamTimes;
    maxAnswerBytes: number;
  }) {
    const { address, isSecure, times, maxAnswerBytes } = options;
    this.#times = times;
    this.#maxAnswerBytes = maxAnswerBytes;
    this.#channels = Array.from({ length: CHANNELS }, () => ({
      inFlight: 0,
      client: new Client(
        address,
        isSecure ? trusted() : credentials.createInsecure(),
        {
          'grpc.max_receive_message_length': maxAnswerBytes,
          'grpc.max_send_message_length': -1,
          // Channels to the same address share their connection otherwise.
          'grpc.use_local_subchannel_pool': 1,
          // What may be sent again is decided by the connection, which has a budget for it.
          'grpc.enable_retries': 0,
          'grpc.service_config_disable_resolution': 1,
          // As HTTP has it here: calls go where the address says.
          'grpc.enable_http_proxy': 0,
          'grpc.initial_reconnect_backoff_ms': 250,
          'grpc.max_reconnect_backoff_ms': MOST_RECONNECT_MILLIS,
        },
      ),
    }));
  }

  open(call: UpstreamCall, signal: AbortSignal): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new UpstreamFailure('cancelled', 'the caller has gone'));
        return;
      }
      const metadata = metadataOf(call.headers);
      const channel = this.#freest();
      channel.inFlight++;
      const onEnd = (error: ServiceError | null, message?: Buffer) => {
        channel.inFlight--;
        if (signal.aborted) {
          reject(new UpstreamFailure('cancelled', 'the caller has gone'));
        } else if (error) this.#fail(error, resolve, reject);
        else resolve(answerOf(200, {}, message ?? Buffer.alloc(0)));
      };
      const sent = channel.client.makeUnaryRequest(
        call.url.pathname,
        asItIs,
        asItIs,
        Buffer.from(call.body ?? ''),
        metadata,
        { deadline: Date.now() + this.#millisFor(call) },
        onEnd,
      );
      const abort = () => sent.cancel();
      signal.addEventListener('abort', abort, { once: true });
      sent.on('status', () => signal.removeEventListener('abort', abort));
    });
  }

  close(): void {
    for (const { client } of this.#channels) client.close();
  }

  #freest(): Channel {
    return this.#channels.reduce((best, one) =>
      one.inFlight < best.inFlight ? one : best,
    );
  }

  /** An answer comes as one message: it begins when it is whole. */
  #millisFor({ deadlineMillis = Infinity }: UpstreamCall): number {
    const { firstByteMillis, totalMillis } = this.#times;
    const left = Math.max(0, deadlineMillis - performance.now());
    return Math.min(firstByteMillis, totalMillis, left + GRACE_MILLIS);
  }

  #fail(
    error: ServiceError,
    resolve: (response: UpstreamResponse) => void,
    reject: (failure: UpstreamFailure) => void,
  ): void {
    const explained = explainGrpcError(error, {
      times: this.#times,
      maxAnswerBytes: this.#maxAnswerBytes,
    });
    if (explained instanceof UpstreamFailure) {
      reject(explained);
      return;
    }
    const said = error.metadata?.getMap() ?? {};
    const headers: UpstreamResponse['headers'] = {};
    if (typeof said['retry-after'] === 'string') {
      headers['retry-after'] = said['retry-after'];
    }
    if (typeof said['grpc-retry-pushback-ms'] === 'string') {
      headers['retry-after-ms'] = said['grpc-retry-pushback-ms'];
    }
    const text = JSON.stringify({ error: explained.reason });
    resolve(answerOf(explained.status, headers, Buffer.from(text)));
  }
}

/** By the authorities that HTTP trusts here: gRPC's own choice leaves out those of NODE_EXTRA_CA_CERTS. */
function trusted(): ChannelCredentials {
  return credentials.createSsl(
    Buffer.from(getCACertificates('default').join('\n')),
  );
}

function asItIs(message: Buffer): Buffer {
  return message;
}

/** @throws UpstreamFailure; gRPC's own error repeats the value, which may be a secret */
function metadataOf(headers: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) {
    if (!CARRIED.test(value)) {
      throw new UpstreamFailure(
        'unreachable',
        `gRPC cannot carry "${name}": it has other characters than ASCII's (is the secret right?)`,
      );
    }
    metadata.set(name, value);
  }
  return metadata;
}

function answerOf(
  code: number,
  headers: UpstreamResponse['headers'],
  bytes: Buffer,
): UpstreamResponse {
  const body = new ResponseBody({
    pause: () => {},
    resume: () => {},
    destroy: () => {},
  });
  body.push(bytes);
  body.end();
  return { status: code, headers, body };
}
