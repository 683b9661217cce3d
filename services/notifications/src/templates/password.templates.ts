import { ALARM, MAIL_ALONE, template } from './template.builder';

/** What is said of a person's password: that it was changed, and how who has forgotten it gets another. */
export const PASSWORD_TEMPLATES = {
  'password.changed': template(
    { class: 'SECURITY', topic: 'password.changed', channels: ALARM },
    [
      'Your password was changed',
      'Your password was changed, and all other devices were signed out. If it was not you, contact us at once.',
    ],
    ['密码已修改', '您的密码已修改，其他设备均已退出登录。如非本人操作，请立即联系我们。'],
  ),
  'sessions.ended-by-operator': template(
    { class: 'SECURITY', topic: 'sessions.ended', channels: ALARM },
    ['We signed you out', 'For your safety we signed you out on all devices. Sign in again, and set a new password if somebody may know yours.'],
    ['您已被退出登录', '为保障您的账户安全，我们已将您在所有设备上退出登录。请重新登录；如密码可能已泄露，请重新设置。'],
  ),
  'password.reset': template(
    { class: 'SECURITY', topic: 'password.reset', channels: MAIL_ALONE },
    ['Your code for a new password', '{code} lets you set a new password for ten minutes. Tell it to nobody. If you did not ask for it, nothing has changed.'],
    ['重设密码的验证码', '{code} 可用于设置新密码，十分钟内有效，请勿告诉任何人。如非本人操作，请忽略本邮件，密码不会改变。'],
  ),
} as const;
