"""What a ticket refuses, as codes; worded by the face that shows them (`portal.common.ticket_words`)."""

from enum import StrEnum


class TicketFault(StrEnum):
    """What is wrong with what was entered; it stands beside its field."""

    MISSING = "ticket_missing"
    TOO_SHORT = "ticket_too_short"
    TOO_LONG = "ticket_too_long"
    EMAIL = "ticket_email"
    EMAIL_NOT_ASCII = "ticket_email_not_ascii"
    CHOICE = "ticket_choice"
    NUMBER = "ticket_number"
    DATE = "ticket_date"
    NOT_A_MEMBER = "ticket_not_a_member"
    MEMBER_IS_SELF = "ticket_member_is_self"
    TEXT_MISSING = "ticket_text_missing"
    REASON_MISSING = "ticket_reason_missing"
    DECISION_MISSING = "ticket_decision_missing"
    TOO_MANY_OPEN = "ticket_too_many_open"
    TOO_MANY_MESSAGES = "ticket_too_many_messages"
    ASSIGNEE = "ticket_assignee"
    # Attachments.
    FILE_TOO_LARGE = "ticket_file_too_large"
    FILE_EMPTY = "ticket_file_empty"
    FILES_TOO_MANY = "ticket_files_too_many"
    FILE_NAME = "ticket_file_name"
    FILE_TYPE = "ticket_file_type"
    FILE_NOT_WHAT_IT_SAYS = "ticket_file_not_what_it_says"
    FILE_EXPANDS = "ticket_file_expands"
    FILE_ACTIVE = "ticket_file_active"


class TicketConflict(StrEnum):
    """Why an act is not possible as things stand now."""

    CHANGED = "ticket_changed"
    DECIDED = "ticket_decided"
    CLOSED = "ticket_closed"
    NOT_CLOSED_BUT_DECIDED = "ticket_not_closed_but_decided"
    CLOSED_LONG = "ticket_closed_long"
    NOT_CONFIRMED = "ticket_not_confirmed"
    CONFIRMED_ALREADY = "ticket_confirmed_already"
    SAME_APPROVER = "ticket_same_approver"
    ACT_REFUSED = "ticket_act_refused"
    NO_DEVELOPER = "ticket_no_developer"
    NOT_INVITED = "ticket_not_invited"
