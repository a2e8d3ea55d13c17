/**
 * Permission policy of Greenroom: reading is open, writing needs ownership or the admin group.
 *
 * @packageDocumentation
 */
export { permissionModuleGreenroom as default } from './module';
