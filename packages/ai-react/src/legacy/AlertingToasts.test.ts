import type { AlertMessage } from '@backstage/core-plugin-api';
import { AlertingToasts } from './AlertingToasts';

describe('AlertingToasts', () => {
  it('says as an alert what a toast would say', () => {
    const alerts: AlertMessage[] = [];
    const toasts = new AlertingToasts({
      post: alert => alerts.push(alert),
      alert$: () => {
        throw new Error('Nobody asks for alerts');
      },
    });
    toasts.post({ title: 'Registered', status: 'success', timeout: 5_000 });
    toasts.post({ title: 'Gone', description: 'For good', status: 'danger' });
    expect(alerts).toEqual([
      { message: 'Registered', severity: 'success', display: 'transient' },
      { message: 'Gone. For good', severity: 'error', display: 'permanent' },
    ]);
  });
});
