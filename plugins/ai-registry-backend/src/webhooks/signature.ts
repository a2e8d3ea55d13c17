import { createHmac } from 'node:crypto';

/** MLflow's headers of a delivery; the signature only where the hook has a secret. */
export function headersOf(delivery: {
  id: string;
  body: string;
  secret?: string;
  at: Date;
}): Record<string, string> {
  const { id, body, secret, at } = delivery;
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  return {
    'Content-Type': 'application/json',
    'User-Agent': 'Greenroom',
    'X-MLflow-Delivery-Id': id,
    'X-MLflow-Timestamp': timestamp,
    ...(secret !== undefined && {
      'X-MLflow-Signature': `v1,${createHmac('sha256', secret)
        .update(`${id}.${timestamp}.${body}`)
        .digest('base64')}`,
    }),
  };
}
