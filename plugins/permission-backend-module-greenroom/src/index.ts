/**
 * Permission policy of Greenroom: everybody sees, owners change, admins do the rest.
 *
 * @packageDocumentation
 */
export { permissionModuleGreenroom as default } from './module';
export { isGreenroomPermission } from './isGreenroomPermission';
export {
  OPEN_TO_ALL_USERS,
  OPEN_TO_OWNERS,
  OwnershipPolicy,
  type OwnershipPolicyOptions,
} from './OwnershipPolicy';
