import { EventStreamCodec } from '@smithy/eventstream-codec';
import { createHash, createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  answerLikeOpenAi,
  chunksLikeOpenAi,
  STAND_IN_KEY,
} from './openAiStandIn';
import type { ProviderUnderTest } from './providerConformance';
import { type ReceivedCall, sendInPieces, sendJson, StandIn } from './StandIn';
import { answerTensors } from './tensorStandIn';

export const REGION = 'eu-central-1';
export const ENDPOINT = 'small-llm';
export const VARIANT = 'blue';
export const ACCESS_KEY_ID = 'AKIASTANDIN012345678';
export const SECRET_ACCESS_KEY = 'stand-in/secret+0123456789abcdef';
/** What a signature's clock may be off, as the service has it. */
const TOLERATED_MILLIS = 5 * 60_000;

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  text => Buffer.from(text, 'utf8'),
);

/** SageMaker's runtime: computes each signature anew, by a clock that may be another one. */
export function createSageMakerStandIn(clockOffsetMillis = 0): StandIn {
  return new StandIn(async (call, response) => {
    const nowMillis = Date.now() + clockOffsetMillis;
    response.setHeader('date', new Date(nowMillis).toUTCString());
    const wrong = whatIsWrong(call, nowMillis);
    if (wrong) {
      sendJson(
        response,
        403,
        { message: wrong },
        { 'x-amzn-errortype': 'InvalidSignatureException' },
      );
      return;
    }
    await answer(call, response);
  });
}

const sha256 = (data: string | Buffer) =>
  createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/** Signature Version 4 by its documentation, written here anew so that one mistake is not on both sides. */
function whatIsWrong(
  call: ReceivedCall,
  nowMillis: number,
): string | undefined {
  const [, keyId, day, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/eu-central-1\/sagemaker\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      call.headers.authorization ?? '',
    ) ?? [];
  if (signature === undefined) return 'Missing Authentication Token';
  if (keyId !== ACCESS_KEY_ID) {
    return 'The security token included in the request is invalid.';
  }
  const stamp = String(call.headers['x-amz-date']);
  const signedMillis = Date.parse(
    stamp.replace(
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
      '$1-$2-$3T$4:$5:$6Z',
    ),
  );
  if (signedMillis < nowMillis - TOLERATED_MILLIS) {
    return `Signature expired: ${stamp} is now earlier than allowed`;
  }
  if (signedMillis > nowMillis + TOLERATED_MILLIS) {
    return `Signature not yet current: ${stamp} is still later than allowed`;
  }
  const names = signedHeaders.split(';');
  if (!names.includes('host') || !names.includes('x-amz-date')) {
    return 'Host and X-Amz-Date have to be signed';
  }
  const [path, query = ''] = call.path.split('?');
  const canonical = [
    call.method,
    path,
    query,
    ...names.map(name => `${name}:${String(call.headers[name]).trim()}`),
    '',
    signedHeaders,
    sha256(call.body),
  ].join('\n');
  const scope = `${day}/${REGION}/sagemaker/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const signingKey = [day, REGION, 'sagemaker', 'aws4_request'].reduce<Buffer>(
    (secret, step) => hmac(secret, step),
    Buffer.from(`AWS4${SECRET_ACCESS_KEY}`),
  );
  return hmac(signingKey, text).toString('hex') === signature
    ? undefined
    : 'The request signature we calculated does not match the signature you provided.';
}

async function answer(
  call: ReceivedCall,
  response: ServerResponse,
): Promise<void> {
  if (call.headers['x-amz-target'] === 'SageMaker.ListEndpoints') {
    sendJson(response, 200, { Endpoints: [{ EndpointName: ENDPOINT }] });
    return;
  }
  const [, endpoint, action] =
    /^\/endpoints\/([^/]+)\/([a-z-]+)$/.exec(call.path) ?? [];
  if (endpoint !== ENDPOINT) {
    refuse(response, 400, `Endpoint ${endpoint} of account 1 not found.`);
  } else if (call.headers['x-amzn-sagemaker-target-variant'] !== VARIANT) {
    refuse(response, 400, 'Variant not found.');
  } else if (action === 'invocations-response-stream') {
    await stream(call, response);
  } else if (call.json.instances || call.json.inputs?.[0]?.datatype) {
    answerTensors(call, response);
  } else if (call.json.inputs) {
    sendJson(
      response,
      200,
      call.json.inputs.map((text: string) => [text.length, 0.5, -1]),
    );
  } else {
    const path = call.json.messages ? '/chat/completions' : '/completions';
    const headers = {
      ...call.headers,
      authorization: `Bearer ${STAND_IN_KEY}`,
    };
    await answerLikeOpenAi({ ...call, path, headers }, response);
  }
}

/** The container's events, cut into payload parts anywhere, and those into pieces. */
async function stream(
  call: ReceivedCall,
  response: ServerResponse,
): Promise<void> {
  begin(response);
  const text = Buffer.from(chunksLikeOpenAi(call));
  const messages: Buffer[] = [];
  for (let start = 0; start < text.length; start += 50) {
    messages.push(part(text.subarray(start, start + 50)));
  }
  await sendInPieces(response, Buffer.concat(messages));
  response.end();
}

function begin(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'application/vnd.amazon.eventstream',
  });
}

function part(bytes: Buffer): Buffer {
  return message(
    { ':message-type': 'event', ':event-type': 'PayloadPart' },
    bytes,
  );
}

function message(headers: Record<string, string>, body: Buffer): Buffer {
  return Buffer.from(
    codec.encode({
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          { type: 'string', value },
        ]),
      ),
      body,
    }),
  );
}

function refuse(
  response: ServerResponse,
  status: number,
  reason: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { message: reason }, headers);
}

export const sageMakerUnderTest: Pick<
  ProviderUnderTest,
  'beginStream' | 'failWithinStream' | 'refuse'
> = {
  beginStream(response) {
    begin(response);
    const choices = [
      { index: 0, delta: { content: 'a' }, finish_reason: null },
    ];
    const chunk = { object: 'chat.completion.chunk', choices };
    response.write(part(Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`)));
  },
  failWithinStream(response, reason) {
    response.end(
      message(
        {
          ':message-type': 'exception',
          ':exception-type': 'ModelStreamError',
        },
        Buffer.from(
          JSON.stringify({ Message: reason, ErrorCode: 'ModelError' }),
        ),
      ),
    );
  },
  refuse,
};
