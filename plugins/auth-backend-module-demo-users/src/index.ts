/**
 * Guest sign-in as one of several demo users, for local use only.
 *
 * @packageDocumentation
 */
export { authModuleDemoUsers as default } from './module';
