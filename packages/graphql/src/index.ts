export { type ConnectionOf, connectionTypes, encodeCursor, type Page, PageArgs, PageInfo, pageOf, toConnection } from './connection';
export { consentWithScope, type ConsentHolder, enrolling, ForPartners, partnerWithScope, principalOf, principalWithRole, type SubgraphContext } from './context';
export { showToPartners } from './partner-marks';
export { badUserInput, forbidden, maskError, serviceBusy, unauthenticated } from './errors';
export { fromMoneyInput, MoneyInputType, MoneyType, toMoneyType } from './money.type';
export { CurrencyCodeScalar, DateTime, Decimal } from './scalars';
export { createSubgraphServer, type SubgraphServerOptions } from './server';
export { buildSubgraph, emitSchema, type SubgraphParts } from './subgraph';
export { type Refusal, toUserErrors, UserErrorCode, UserErrorType } from './user-error.type';
