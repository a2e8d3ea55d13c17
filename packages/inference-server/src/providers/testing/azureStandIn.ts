import { sendJson, StandIn, type Script } from './StandIn';
import { answerLikeOpenAi, STAND_IN_KEY } from './openAiStandIn';

export const API_VERSION = '2024-10-21';
const TENANT = 'our-tenant';
const CLIENT = 'our-client';
export const CLIENT_SECRET = 'client-secret-0123456789';
const TOKEN = 'token-of-entra-0123456789';
const CLASSIC = /^\/openai\/deployments\/([^/]+)(\/[^?]*)\?api-version=(.*)$/;

/** A resource of Azure OpenAI, and Microsoft Entra ID beside it, which checks what they check. */
export function createAzureStandIn(api: 'classic' | 'v1'): StandIn {
  const script: Script = async (call, response) => {
    if (call.path === `/${TENANT}/oauth2/v2.0/token`) {
      const form = new URLSearchParams(String(call.body));
      const isRight =
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === CLIENT &&
        form.get('client_secret') === CLIENT_SECRET &&
        form.get('scope') === 'https://cognitiveservices.azure.com/.default';
      if (isRight) {
        sendJson(response, 200, {
          token_type: 'Bearer',
          expires_in: 3599,
          access_token: TOKEN,
        });
      } else {
        sendJson(response, 401, {
          error: 'invalid_client',
          error_description: 'AADSTS7000215: Invalid client secret provided.',
        });
      }
      return;
    }
    const { authorization, 'api-key': key } = call.headers;
    if (key !== STAND_IN_KEY && authorization !== `Bearer ${TOKEN}`) {
      sendJson(response, 401, {
        error: {
          code: '401',
          message:
            'Access denied due to invalid subscription key or wrong API endpoint.',
        },
      });
      return;
    }
    const classic = CLASSIC.exec(call.path);
    const isRight =
      api === 'classic'
        ? classic?.[1] === 'gpt-small' && classic[3] === API_VERSION
        : call.path.startsWith('/openai/v1/') &&
          call.json.model === 'gpt-small';
    if (!isRight) {
      sendJson(response, 404, {
        error: { code: 'DeploymentNotFound', message: 'No such deployment.' },
      });
      return;
    }
    // From here on it is OpenAI's API.
    const path = classic ? classic[2] : call.path.slice('/openai'.length);
    await answerLikeOpenAi(
      {
        ...call,
        path,
        headers: { ...call.headers, authorization: `Bearer ${STAND_IN_KEY}` },
      },
      response,
    );
  };
  return new StandIn(script);
}

/** Settings of a connection that knows itself by Entra ID. */
export function entraAuth(url: string) {
  return {
    kind: 'entra',
    tenantId: TENANT,
    clientId: CLIENT,
    secret: 'env:AZURE_CLIENT_SECRET',
    authority: url,
  };
}
