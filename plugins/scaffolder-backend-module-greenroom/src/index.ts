/**
 * Actions of the AI platform for software templates.
 *
 * @packageDocumentation
 */
export { scaffolderModuleGreenroom as default } from './module';
