import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../../../..');
const FOLDERS = [
  'packages/ai-react/src',
  'packages/app/src',
  'plugins/ai-inference/src',
  'plugins/ai-monitoring/src',
  'plugins/ai-registry/src',
  'plugins/ai-training/src',
];

/** Not for people to read: coordinates of drawings, values of fields, and a probability with its sign. */
const ELSEWHERE = [
  'packages/ai-react/src/charts/Sparkline.tsx',
  'packages/ai-react/src/views/RelativeTime.tsx',
  'plugins/ai-inference/src/playground/typicalValues.ts',
  'plugins/ai-monitoring/src/dashboard/driftRanking.ts',
  'plugins/ai-registry/src/versions/MetricByVersionChart.tsx',
];

it('numbers and times are written in one place, so that the same one looks the same everywhere', () => {
  const own = FOLDERS.flatMap(folder =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map(name => `${folder}/${name}`)
      .filter(
        file =>
          /\.tsx?$/.test(file) &&
          !/\.test\.tsx?$/.test(file) &&
          !file.startsWith('packages/ai-react/src/format/') &&
          !ELSEWHERE.includes(file),
      )
      .filter(file =>
        /\.toFixed\(|\.toPrecision\(|Intl\.NumberFormat|toLocale(Time|Date)?String\(/.test(
          readFileSync(path.join(root, file), 'utf8'),
        ),
      ),
  );
  expect(own).toEqual([]);
});
