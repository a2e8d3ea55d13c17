import jwt from 'jsonwebtoken';
import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { answerLikeOpenAi, STAND_IN_KEY } from './openAiStandIn';
import type { ProviderUnderTest } from './providerConformance';
import { type ReceivedCall, sendInPieces, sendJson, StandIn } from './StandIn';
import { answerTensors } from './tensorStandIn';

export const PROJECT = 'our-project';
export const LOCATION = 'europe-west4';
export const GEMINI = 'gemini-small';
export const OWN_ENDPOINT = 'endpoints/1234567890';
const ACCOUNT = 'bot@our-project.iam.gserviceaccount.com';
const KEY_ID = 'key-1';
const TOKEN = 'ya29.token-of-google-0123456789';
const PLACE = `/v1/projects/${PROJECT}/locations/${LOCATION}`;

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const RIGHT = pair();
const WRONG = pair();

/** The key of the service account as its file has it; with another private key it is not taken. */
export function serviceAccountKey(url: string, which: 'right' | 'wrong') {
  return JSON.stringify({
    type: 'service_account',
    client_email: ACCOUNT,
    private_key_id: KEY_ID,
    private_key: (which === 'right' ? RIGHT : WRONG).privateKey,
    token_uri: `${url}/token`,
  });
}

/** Vertex AI and Google's token endpoint: the JWT is verified, and every answer is in Google's form. */
export function createVertexStandIn(): StandIn {
  const standIn = new StandIn(async (call, response) => {
    if (call.path === '/token') {
      grantToken(call, response, `${standIn.url}/token`);
    } else if (call.headers.authorization !== `Bearer ${TOKEN}`) {
      refuse(response, 401, 'Request had invalid authentication credentials.');
    } else {
      await answer(call, response);
    }
  });
  return standIn;
}

function grantToken(
  call: ReceivedCall,
  response: ServerResponse,
  audience: string,
): void {
  const form = new URLSearchParams(String(call.body));
  try {
    const claims = jwt.verify(form.get('assertion') ?? '', RIGHT.publicKey, {
      algorithms: ['RS256'],
      issuer: ACCOUNT,
      audience,
      complete: true,
    });
    const payload = Object(claims.payload);
    const isRight =
      form.get('grant_type') ===
        'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      claims.header.kid === KEY_ID &&
      payload.scope === 'https://www.googleapis.com/auth/cloud-platform' &&
      payload.exp - payload.iat <= 3_600;
    if (!isRight) throw new Error('wrong claims');
    sendJson(response, 200, {
      access_token: TOKEN,
      expires_in: 3599,
      token_type: 'Bearer',
    });
  } catch {
    sendJson(response, 400, {
      error: 'invalid_grant',
      error_description: 'Invalid JWT Signature.',
    });
  }
}

async function answer(
  call: ReceivedCall,
  response: ServerResponse,
): Promise<void> {
  if (call.path.startsWith('/v1beta1/publishers/google/models')) {
    sendJson(response, 200, {
      publisherModels: [{ name: `publishers/google/models/${GEMINI}` }],
    });
    return;
  }
  const path = call.path.slice(PLACE.length);
  if (!call.path.startsWith(`${PLACE}/`)) {
    refuse(response, 404, `Not found: ${call.path}`);
  } else if (path === `/publishers/google/models/${GEMINI}:generateContent`) {
    sendJson(response, 200, contentOf(call, { whole: true })[0]);
  } else if (
    path === `/publishers/google/models/${GEMINI}:streamGenerateContent?alt=sse`
  ) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = contentOf(call, { whole: false })
      .map(part => `data: ${JSON.stringify(part)}\r\n\r\n`)
      .join('');
    await sendInPieces(response, Buffer.from(text));
    response.end();
  } else if (path === `/publishers/google/models/${GEMINI}:predict`) {
    sendJson(response, 200, {
      predictions: call.json.instances.map(
        ({ content }: { content: string }) => ({
          embeddings: {
            values: [content.length, 0.5, -1],
            statistics: { token_count: 3, truncated: false },
          },
        }),
      ),
    });
  } else if (
    path === `/${OWN_ENDPOINT}:predict` ||
    (path === `/${OWN_ENDPOINT}:rawPredict` && call.json.inputs)
  ) {
    answerTensors(call, response);
  } else if (/^\/endpoints\/1234567890:(stream)?[rR]awPredict$/.test(path)) {
    await answerLikeOpenAi(
      {
        ...call,
        path: '/v1/chat/completions',
        headers: { ...call.headers, authorization: `Bearer ${STAND_IN_KEY}` },
      },
      response,
    );
  } else {
    refuse(response, 404, `Publisher model ${path} was not found.`);
  }
}

/** What Gemini says: the last text that it was told, a call of the first tool, or JSON. */
function contentOf(call: ReceivedCall, options: { whole: boolean }): object[] {
  const { contents, tools, generationConfig } = call.json;
  const last = contents.at(-1).parts.at(-1);
  const [tool] = tools?.[0].functionDeclarations ?? [];
  const head = { modelVersion: GEMINI, responseId: 'r1' };
  const usageMetadata = {
    promptTokenCount: Math.ceil(JSON.stringify(contents).length / 4),
    candidatesTokenCount: 3,
    thoughtsTokenCount: 2,
    totalTokenCount: 99,
  };
  const parts = (list: object[], finishReason?: string) => ({
    ...head,
    candidates: [
      { index: 0, content: { role: 'model', parts: list }, finishReason },
    ],
    ...(finishReason && { usageMetadata }),
  });
  if (tool && !last.functionResponse) {
    const functionCall = { name: tool.name, args: { city: 'Zürich' } };
    return [parts([{ functionCall, thoughtSignature: 'c2ln' }], 'STOP')];
  }
  const text =
    generationConfig?.responseMimeType === 'application/json'
      ? '{"answer":42}'
      : `You said: ${last.text ?? 'more than text.'}`;
  if (options.whole) {
    return [parts([{ text: 'Hm.', thought: true }, { text }], 'STOP')];
  }
  const pieces = text.match(/.{1,7}/gsu) ?? [];
  return [
    parts([{ text: 'Hm.', thought: true }]),
    ...pieces.map(piece => parts([{ text: piece }])),
    parts([], 'STOP'),
  ];
}

function refuse(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  const error = { code, message, status: 'SOME_STATUS' };
  sendJson(response, code, { error }, headers);
}

export const geminiUnderTest: Pick<
  ProviderUnderTest,
  'beginStream' | 'failWithinStream' | 'refuse'
> = {
  beginStream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const content = { role: 'model', parts: [{ text: 'a' }] };
    const part = { candidates: [{ index: 0, content }] };
    response.write(`data: ${JSON.stringify(part)}\r\n\r\n`);
  },
  failWithinStream(response, message) {
    const error = { code: 503, message, status: 'UNAVAILABLE' };
    response.end(`data: ${JSON.stringify({ error })}\r\n\r\n`);
  },
  refuse,
};
