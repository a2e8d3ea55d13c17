import { TestDatabases } from '@backstage/backend-test-utils';
import {
  compareTranscripts,
  DIFFERENCES,
  DIFFERENCES_OF_MLFLOW_3,
  type Transcript,
} from './__testUtils__/transcripts';

jest.setTimeout(600_000);

const CHAPTERS = [
  'experiments',
  'runs',
  'search',
  'artifacts',
  'datasets',
  'models',
  'registry',
  'autolog',
] as const;

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** What `record.py` wrote down of MLflow's own server is what the plain client is to see here, too. */
describe('the plain client of MLflow', () => {
  let expected: Transcript;
  let seen: Transcript;

  beforeAll(async () => {
    ({ expected, seen } = await compareTranscripts({
      databases,
      python: process.env.GREENROOM_TEST_MLFLOW,
      recorded: 'transcript.txt',
      chapters: CHAPTERS,
      differences: [...DIFFERENCES, ...DIFFERENCES_OF_MLFLOW_3],
    }));
  });

  it.each(CHAPTERS)('cannot tell it from MLflow: %s', chapter => {
    expect(seen.get(chapter)).toEqual(expected.get(chapter));
  });
});
