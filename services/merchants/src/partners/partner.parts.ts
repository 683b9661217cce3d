import { ClientScopesService } from './client-scopes.service';
import { KeyExpiryService } from './key-expiry.service';
import { PartnerService } from './partner.service';
import { PartnerChanges, type PartnerParts } from './partner-changes.service';
import { PartnerDoorService } from './partner-door.service';
import { PartnerRegistrationService } from './partner-registration.service';

/** What answers for partners: to operators, to whoever has an invitation, and to the banks themselves. */
export interface PartnerServices {
  readonly changes: PartnerChanges;
  readonly operators: PartnerService;
  readonly registration: PartnerRegistrationService;
  readonly door: PartnerDoorService;
  readonly keyExpiry: KeyExpiryService;
  readonly scopes: ClientScopesService;
}

/** Makes the services of partners, which change them through one and the same part. */
export function createPartnerServices(parts: Omit<PartnerParts, 'real' | 'sandboxPartners'> & Partial<PartnerParts>): PartnerServices {
  const changes = new PartnerChanges({ real: parts.now, sandboxPartners: false, ...parts });
  return {
    changes,
    operators: new PartnerService(changes),
    registration: new PartnerRegistrationService(changes),
    door: new PartnerDoorService(changes),
    keyExpiry: new KeyExpiryService(parts),
    scopes: new ClientScopesService(changes),
  };
}
