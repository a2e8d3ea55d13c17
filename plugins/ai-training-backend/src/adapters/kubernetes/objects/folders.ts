/** Where things are in a pod, and under which keys in its Secret. */

export const SOURCE_FOLDER = '/greenroom/source';
export const DATASETS_FOLDER = '/greenroom/datasets';
export const CHECKPOINTS_FOLDER = '/greenroom/checkpoints';
export const CLAIM_FOLDER = '/greenroom/claim';
export const ORDER_FOLDER = '/var/run/greenroom/order';
export const SECRETS_FOLDER = '/var/run/secrets/greenroom';
export const ORDER_KEY = 'order';
export const TOKEN_KEY = 'token';
export const CA_KEY = 'ca.crt';
