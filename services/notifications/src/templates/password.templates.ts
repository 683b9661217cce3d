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
  'second-factor.removal': template(
    { class: 'SECURITY', topic: 'second-factor.removal', channels: MAIL_ALONE },
    [
      'Your code to remove a lost second factor',
      '{code} is good for ten minutes. Tell it to nobody. If you did not ask for it, somebody knows your password: change it now.',
    ],
    ['移除双重验证的验证码', '{code} 可用于开始移除您的身份验证器，十分钟内有效，请勿告诉任何人。如非本人操作，说明他人已知悉您的密码，请立即修改。'],
  ),
  'second-factor.removal-begun': template(
    { class: 'SECURITY', topic: 'second-factor.removal', channels: ALARM },
    [
      'Your authenticator app will be removed',
      'In {days} days your authenticator app is asked for no more: it was said to be lost. If it was not you, change your password now: that stops it.',
    ],
    ['身份验证器即将移除', '有人报告您的身份验证器已丢失，{days} 天后登录将不再需要它。如非本人操作，请立即修改密码，移除即会停止。'],
  ),
  'second-factor.removal-stopped': template(
    { class: 'SECURITY', topic: 'second-factor.removal', channels: ALARM },
    ['Your authenticator app stays', 'The removal of your authenticator app was stopped. It is asked for as before.'],
    ['身份验证器已保留', '您的身份验证器的移除已停止，登录时仍需要它。'],
  ),
  'password.reset': template(
    { class: 'SECURITY', topic: 'password.reset', channels: MAIL_ALONE },
    ['Your code for a new password', '{code} lets you set a new password for ten minutes. Tell it to nobody. If you did not ask for it, nothing has changed.'],
    ['重设密码的验证码', '{code} 可用于设置新密码，十分钟内有效，请勿告诉任何人。如非本人操作，请忽略本邮件，密码不会改变。'],
  ),
} as const;
