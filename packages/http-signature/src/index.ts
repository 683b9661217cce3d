export { type RequestToSign, type RequestToVerify, type SignedHeaders, signRequest, type Verification, verifyRequest } from './http-signature';
export { type KeyEntry, readSigningKeys, readVerifyingKeys, type SigningKeys } from './signing-keys';
