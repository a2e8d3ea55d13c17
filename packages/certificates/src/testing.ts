export { TestAuthority, type Issued } from './testing/TestAuthority';
