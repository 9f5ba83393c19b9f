-- grain: one row per link of the chain, in the order of the chain
with links as (
    select
        listed.link_no,
        listed.link,
        listed.label_en,
        listed.label_zh
    from (
        values
        (1, 'exposed', 'Exposed', '触达'),
        (2, 'wecom_added', 'Added in WeCom', '添加企微'),
        (3, 'group_or_form', 'Joined a group or filled a form', '入群或填表'),
        (4, 'member', 'Member', '注册会员'),
        (5, 'first_order', 'First order', '首单'),
        (6, 'second_order', 'Second order', '二单'),
        (7, 'loyal', 'Loyal', '忠诚'),
        (8, 'referred', 'Referred others', '转介绍')
    ) as listed (link_no, link, label_en, label_zh)
)

select * from links
