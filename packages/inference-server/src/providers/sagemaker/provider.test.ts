import {
  ACCESS_KEY_ID,
  createSageMakerStandIn,
  ENDPOINT,
  REGION,
  sageMakerUnderTest,
  SECRET_ACCESS_KEY,
  VARIANT,
} from '../testing/sageMakerStandIn';
import {
  describeProvider,
  type ProviderUnderTest,
} from '../testing/providerConformance';
import { describeTensorProvider } from '../testing/tensorConformance';
import { explainSageMaker } from './refusals';

jest.setTimeout(60_000);

const common: Pick<
  ProviderUnderTest,
  | 'kind'
  | 'model'
  | 'settings'
  | 'secrets'
  | 'refuse'
  | 'beginStream'
  | 'failWithinStream'
> = {
  ...sageMakerUnderTest,
  kind: 'sagemaker',
  model: `${ENDPOINT}/${VARIANT}`,
  settings: ({ url }) => ({
    region: REGION,
    endpoint: url,
    controlEndpoint: url,
    accessKeyId: 'env:AWS_KEY_ID',
    secretAccessKey: 'env:AWS_SECRET',
  }),
  secrets: () => ({
    right: { AWS_KEY_ID: ACCESS_KEY_ID, AWS_SECRET: SECRET_ACCESS_KEY },
    wrong: { AWS_KEY_ID: ACCESS_KEY_ID, AWS_SECRET: 'wrong-secret-0123456789' },
  }),
};

describe('containers that speak OpenAI', () => {
  describeProvider({
    ...common,
    createStandIn: () => createSageMakerStandIn(),
    tasks: ['chat', 'completions', 'embeddings'],
  });
});

describe('a clock that is an hour off', () => {
  describeProvider({
    ...common,
    createStandIn: () => createSageMakerStandIn(60 * 60_000),
    tasks: ['embeddings'],
    // The first call of each test is the one that is refused for its time.
    isCall: ({ headers }) => {
      const stamp = String(headers['x-amz-date']);
      const signedMillis = Date.parse(
        stamp.replace(
          /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
          '$1-$2-$3T$4:$5:$6Z',
        ),
      );
      return signedMillis > Date.now() + 30 * 60_000;
    },
  });
});

describe('explainSageMaker', () => {
  const refusal = (status: number, body: unknown, type = '') => ({
    status,
    body,
    headers: { 'x-amzn-errortype': type },
    call: { method: 'POST' as const, url: new URL('http://x'), headers: {} },
  });

  it('tells what the model said, with its own status', () => {
    const body = {
      ErrorCode: 'CLIENT_ERROR_FROM_MODEL',
      Message: 'Received client error (400) from primary',
      OriginalStatusCode: 400,
      OriginalMessage: '{"error":{"message":"The prompt is too long."}}',
    };
    expect(explainSageMaker(refusal(424, body))).toEqual({
      status: 400,
      reason: 'The prompt is too long.',
    });
  });

  it('knows a limit by its name', () => {
    const body = { message: 'Rate exceeded' };
    expect(explainSageMaker(refusal(400, body, 'ThrottlingException'))).toEqual(
      { status: 429, reason: 'Rate exceeded' },
    );
  });
});

describe.each(['instances', 'open-inference'] as const)(
  'containers that take tensors, by %s',
  protocol => {
    describeTensorProvider({
      ...common,
      createStandIn: () => createSageMakerStandIn(),
      protocol,
      model: `${ENDPOINT}/${VARIANT}`,
    });
  },
);
