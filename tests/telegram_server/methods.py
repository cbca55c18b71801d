"""The table of all methods. The Bot API does not look at the case of a method's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.telegram_server import asking, chats, inline, media, sending
from tests.telegram_server.calls import Call
from tests.telegram_server.model import World

Method = Callable[[World, Call], Any]
METHODS: dict[str, Method] = {
    name.lower(): method
    for name, method in {
        "getMe": asking.get_me,
        "sendMessage": sending.send_message,
        "sendDocument": media.send_file("document"),
        "sendPhoto": media.send_file("photo"),
        "sendPoll": sending.send_poll,
        "stopPoll": sending.stop_poll,
        "editMessageText": sending.edit_text,
        "editMessageCaption": media.edit_caption,
        "editMessageMedia": media.edit_media,
        "editMessageReplyMarkup": sending.edit_markup,
        "deleteMessage": sending.delete,
        "setMessageReaction": sending.react,
        "pinChatMessage": chats.pin,
        "unpinChatMessage": chats.unpin,
        "createForumTopic": chats.create_topic,
        "editForumTopic": chats.edit_topic,
        "closeForumTopic": chats.close_topic(again=False),
        "reopenForumTopic": chats.close_topic(again=True),
        "deleteForumTopic": chats.delete_topic,
        "leaveChat": chats.leave,
        "sendChatAction": asking.chat_action,
        "answerCallbackQuery": asking.answer_press,
        "answerInlineQuery": inline.answer_inline,
        "setMyCommands": asking.set_commands,
        "getMyCommands": asking.get_commands,
        "deleteMyCommands": asking.delete_commands,
        "getChat": chats.get_chat,
        "getChatMember": chats.get_member,
        "getChatMemberCount": chats.member_count,
        "getChatAdministrators": chats.administrators,
        "banChatMember": chats.ban,
        "unbanChatMember": chats.unban,
        "restrictChatMember": chats.restrict,
        "approveChatJoinRequest": chats.answer_request(approve=True),
        "declineChatJoinRequest": chats.answer_request(approve=False),
        "getFile": media.get_file,
        "setWebhook": asking.set_webhook,
        "deleteWebhook": asking.delete_webhook,
        "getWebhookInfo": asking.webhook_info,
    }.items()
}
