export * from './drift/types';
export * from './profile/types';
