import { execFileSync } from 'node:child_process';
import { COLLECTOR_FLAGS } from './paceCollector';

it('sets what this version of V8 knows', () => {
  const known = String(execFileSync(process.execPath, ['--v8-options']));
  for (const flag of COLLECTOR_FLAGS) {
    expect(known).toContain(`${flag.split('=')[0]} (`);
  }
});
