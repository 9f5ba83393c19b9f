select *
from read_json(
    '${SIYU_EXPORTS}/wecom_messages/*/*.jsonl', union_by_name = true
)
order by delivery, touch_id
