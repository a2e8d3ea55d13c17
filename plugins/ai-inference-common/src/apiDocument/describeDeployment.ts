import {
  ALL_PROBLEMS,
  ERROR_SCHEMAS,
  LANGUAGE_PROBLEMS,
  problemResponses,
} from './answers';
import type { VersionContract } from './contract';
import { languagePaths } from './languagePaths';
import type { OpenApiDocument } from './openApi';
import { factPaths, tensorPaths } from './tensorPaths';
import { answerSchema, requestSchema } from './tensorSchemas';

/** Stands where no address is known: plain that it is none. */
const NO_ADDRESS = 'https://your-data-plane.example.com';
/** Of a description of a model that its owner wrote. */
const MOST_CHARACTERS = 4_000;

export interface DescribedVersion {
  version: number;
  /** 0 to 100. */
  sharePercent: number;
  /** Undefined where the registry did not tell what it takes. */
  contract?: VersionContract;
}

/** A model in an environment, with all that callers have to know of it. */
export interface DescribedDeployment {
  /** Of the document, such as `Handwritten digits in production`. */
  title: string;
  /** The model's, Markdown. */
  description: string;
  /** Name of the model. */
  model: string;
  /** For people. */
  environment: string;
  /** Those that answer, or the wanted one where none does yet. */
  versions: DescribedVersion[];
  /** Where callers reach the environment; empty where nobody knows. */
  addresses: string[];
}

/** The OpenAPI document of one model in one environment. */
export function describeDeployment(
  deployment: DescribedDeployment,
): OpenApiDocument {
  const { model, versions } = deployment;
  const [first] = [...versions].sort(
    (one, other) => other.sharePercent - one.sharePercent,
  );
  const contract = first?.contract;
  const takesTensors = contract?.signature !== undefined;
  const tasks = contract?.tasks ?? [];
  return {
    openapi: '3.1.0',
    info: {
      title: deployment.title,
      version: versions.map(({ version }) => version).join(', ') || '0',
      description: describe(deployment, first),
    },
    servers: serversOf(deployment),
    security: [{ bearer: [] }, { header: [] }],
    paths: {
      ...(takesTensors && tensorPaths(model, contract)),
      ...languagePaths(model, tasks),
      ...factPaths(model),
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
      schemas: {
        ...(takesTensors && {
          InferRequest: requestSchema(contract),
          InferResponse: answerSchema(contract, model),
        }),
        Readiness: {
          type: 'object',
          required: ['name', 'ready'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', const: model },
            ready: { type: 'boolean' },
          },
        },
        Error: ERROR_SCHEMAS.Error,
        ...(tasks.length > 0 && { LanguageError: ERROR_SCHEMAS.LanguageError }),
      },
      responses: {
        ...problemResponses(
          takesTensors ? ALL_PROBLEMS : ['401', '403', '404', '503'],
          'Error',
        ),
        ...(tasks.length > 0 &&
          problemResponses(LANGUAGE_PROBLEMS, 'LanguageError')),
      },
    },
  };
}

function serversOf({
  environment,
  addresses,
}: DescribedDeployment): OpenApiDocument['servers'] {
  if (addresses.length > 0) {
    return addresses.map(url => ({ url, description: environment }));
  }
  return [
    {
      url: '{address}',
      description: `No data plane of ${environment} is known`,
      variables: {
        address: {
          default: NO_ADDRESS,
          description: `Where ${environment} is reached: ask whoever runs it, or set dataPlane.address of the environment`,
        },
      },
    },
  ];
}

function describe(
  { description, environment, model, versions }: DescribedDeployment,
  first: DescribedVersion | undefined,
): string {
  const sentences = [
    `The model \`${model}\` in ${environment}. ${describeVersions(versions)}`,
    'Calls need a key that is for this model: issue one in the portal under Inference, Keys.',
  ];
  if (first && !first.contract) {
    sentences.push(
      `What version ${first.version} takes could not be read from the registry: this document has it as soon as it can.`,
    );
  } else if (first?.contract?.signature && !first.contract.example) {
    sentences.push(
      'There is no example: its values have no form in JSON, or are too many to read. Send tensors in binary.',
    );
  }
  const others = versions.filter(
    ({ contract }) =>
      contract &&
      first?.contract &&
      JSON.stringify(contract.signature) !==
        JSON.stringify(first.contract.signature),
  );
  if (others.length > 0) {
    sentences.push(
      `Described is what version ${
        first?.version
      } takes. Other inputs or outputs have: ${others
        .map(({ version }) => `version ${version}`)
        .join(', ')}.`,
    );
  }
  return [...(description ? [cut(description)] : []), ...sentences].join(
    '\n\n',
  );
}

function describeVersions(versions: DescribedVersion[]): string {
  const answering = versions.filter(({ sharePercent }) => sharePercent > 0);
  if (answering.length === 0) {
    return versions.length === 0
      ? 'No version answers.'
      : `No version answers yet: version ${versions[0].version} is on its way.`;
  }
  if (answering.length === 1) return `Version ${answering[0].version} answers.`;
  return `The traffic is split: ${answering
    .map(
      ({ version, sharePercent }) =>
        `version ${version} answers ${sharePercent} % of the requests`,
    )
    .join(', ')}.`;
}

function cut(words: string): string {
  return words.length > MOST_CHARACTERS
    ? `${words.slice(0, MOST_CHARACTERS)}…`
    : words;
}
