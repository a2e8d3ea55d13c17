import type { AlertApi, AlertMessage } from '@backstage/core-plugin-api';
import type {
  ToastApi,
  ToastApiMessage,
  ToastApiPostResult,
} from '@backstage/frontend-plugin-api';

const SEVERITIES: Record<
  NonNullable<ToastApiMessage['status']>,
  AlertMessage['severity']
> = {
  neutral: 'info',
  info: 'info',
  success: 'success',
  warning: 'warning',
  danger: 'error',
};

/** Toasts in an app of the old frontend system, which has alerts in their place. */
export class AlertingToasts implements ToastApi {
  readonly #alerts: AlertApi;

  constructor(alerts: AlertApi) {
    this.#alerts = alerts;
  }

  post(toast: ToastApiMessage): ToastApiPostResult {
    this.#alerts.post({
      message: [toast.title, toast.description]
        .filter(text => typeof text === 'string')
        .join('. '),
      severity: SEVERITIES[toast.status ?? 'success'],
      display: toast.timeout === undefined ? 'permanent' : 'transient',
    });
    // An alert goes by itself, or when somebody closes it.
    return { close: () => {} };
  }
}
