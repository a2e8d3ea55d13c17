import { TestDatabases } from '@backstage/backend-test-utils';
import {
  compareTranscripts,
  DIFFERENCES,
  DIFFERENCES_OF_MLFLOW_2,
  type Transcript,
} from './__testUtils__/transcripts';

jest.setTimeout(600_000);

const CHAPTERS = [
  'experiments',
  'runs',
  'search',
  'artifacts',
  'datasets',
  'old_models',
  'registry',
] as const;

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** Training code that has not gone on to MLflow 3 sees here what it sees at MLflow's own server. */
describe('the client of MLflow 2', () => {
  let expected: Transcript;
  let seen: Transcript;

  beforeAll(async () => {
    ({ expected, seen } = await compareTranscripts({
      databases,
      python: process.env.GREENROOM_TEST_MLFLOW_2,
      recorded: 'transcript-2.txt',
      chapters: CHAPTERS,
      differences: [...DIFFERENCES, ...DIFFERENCES_OF_MLFLOW_2],
    }));
  });

  it.each(CHAPTERS)('cannot tell it from MLflow: %s', chapter => {
    expect(seen.get(chapter)).toEqual(expected.get(chapter));
  });
});
