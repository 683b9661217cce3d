/** The demo people; their passwords are public, and exist in stacks on one machine only. */
export const PERSONAS = {
  operator: { email: 'operator@demo.tael.example', password: 'operator-demo-pass', displayName: 'Olivia Operator' },
  supervisor: { email: 'supervisor@demo.tael.example', password: 'supervisor-demo-pass', displayName: 'Sofia Supervisor' },
  customer: { email: 'customer@demo.tael.example', password: 'customer-demo-pass', displayName: 'Chen Customer' },
  merchant: { email: 'merchant@demo.tael.example', password: 'merchant-demo-pass', displayName: 'Marta Merchant' },
};

/** What programs need of a persona. */
export const LOGINS = Object.fromEntries(
  Object.entries(PERSONAS).map(([role, { email, password }]) => [role, { email, password }]),
);
