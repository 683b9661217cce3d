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
  'password.reset': template(
    { class: 'SECURITY', topic: 'password.reset', channels: MAIL_ALONE },
    ['Your code for a new password', '{code} lets you set a new password for ten minutes. Tell it to nobody. If you did not ask for it, nothing has changed.'],
    ['重设密码的验证码', '{code} 可用于设置新密码，十分钟内有效，请勿告诉任何人。如非本人操作，请忽略本邮件，密码不会改变。'],
  ),
} as const;
