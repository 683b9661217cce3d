import { sealedColumnIndex } from '@tael/platform/reseal';

/** The devices of people. What was known before stays: it holds for a kind until a device of it has a mark. */
export const DEVICE_TABLE = `
  CREATE TABLE device (
    id uuid CONSTRAINT device_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT device_person REFERENCES person,
    browser text NOT NULL,
    platform text NOT NULL,
    mark bytea CONSTRAINT device_mark CHECK (octet_length(mark) = 32),
    network bytea CONSTRAINT device_network CHECK (octet_length(network) = 32),
    key text NOT NULL CONSTRAINT device_key_sealed CHECK (key LIKE 'v1.%'),
    "keepsMark" boolean NOT NULL,
    "firstUsedAt" timestamptz NOT NULL,
    "lastUsedAt" timestamptz NOT NULL
  );
  CREATE INDEX device_person_id ON device ("personId");
  ${sealedColumnIndex({ table: 'device', column: 'key' })};
  ALTER TABLE known_device ADD COLUMN "markedAt" timestamptz;
  ALTER TABLE session ADD COLUMN "deviceId" uuid;
`;

/** By what a device is known before its person is: one row is asked for at each sign-in with a mark. */
export const DEVICES_BY_SIGN_IN_NAME = {
  name: 'device_sign_in_name_known', definition: 'ON device ("signInName") WHERE "signInName" IS NOT NULL',
};

export const DEVICE_DOWN = `
  ALTER TABLE session DROP COLUMN "deviceId";
  ALTER TABLE known_device DROP COLUMN "markedAt";
  DROP TABLE device;
`;
