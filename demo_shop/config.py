"""The demo's ``siyu.yaml``: a configuration to learn from, comments included."""

from __future__ import annotations

SHOP_NAME = "小鹿生活馆"

CONFIG = """\
# The demo shop: a beauty and mother-and-baby brand that meets its customers in WeCom,
# a mini-program and eight stores. `siyu run --config siyu.yaml` builds its warehouse.
# Every path is relative to this file.

shop:
  name: 小鹿生活馆
  timezone: Asia/Shanghai    # a business date is a day in this timezone
  currency: CNY

warehouse: ./warehouse       # Siyu writes everything below this folder

# Each source is a set of files, with a mapping of their columns to canonical ones. In
# `columns`, the left side is the canonical name, the right side a DuckDB SQL expression
# over one row.
sources:
  # A workbook. Quote an expression that contains a colon, a hash or quotes.
  - name: products
    entity: products
    path: data/products.xlsx
    where: "商品编码 <> '合计'"        # the total at the end is not a product
    columns:
      product_id: 商品编码
      name: 商品名称
      category: 类目
      brand: 品牌
      is_sample: "是否小样 = '是'"
      list_price: 吊牌价
      consumption_days: 消耗天数     # how long one piece lasts: the rhythm of reminders

  # There may be several versions of a member; the latest updated_at wins.
  # Columns that are not canonical (skin_type …) become attributes that rules can use.
  - name: members
    entity: members
    path: data/crm/members_*.csv
    columns:
      customer_id: member_no
      registered_at: joined_at
      channel: channel
      campaign_id: campaign          # the campaign that won the member
      gender: gender
      birth_date: birthday
      region: region
      city_tier: city_tier
      household: household
      occupation: occupation
      role: role
      wecom_bound_at: wecom_at
      persona: persona               # the WeCom persona who received the customer
      group_id: group_id
      phone: mobile                  # phone and e-mail never reach the marts
      email: email
      updated_at: updated_at
      skin_type: skin_type
      baby_stage: baby_stage
      travel_frequency: travel
      note: remark

  # One file a month, with overlaps: a repeated order is still one order, and its
  # version with the latest updated_at counts. Times may be written in
  # several ways in one column: 2024-03-05 10:11:12, 2024/03/05 10:11,
  # 2024-03-05T10:11:12+08:00 and epoch milliseconds need no expression.
  - name: mall_orders
    entity: orders
    path: data/mall/orders_*.csv
    where: "coalesce(is_test, '0') <> '1'"    # test orders of the staff
    columns:
      order_id: order_id
      customer_id: member_id         # empty for guests
      ordered_at: created_at
      amount: total
      status: status
      refund_amount: refund
      channel: channel
      coupon_id: coupon
      campaign_id: campaign
      updated_at: updated_at

  - name: mall_lines
    entity: order_lines
    path: data/mall/order_lines_*.csv.gz
    where: "coalesce(order_id, '') not like 'TEST%'"
    columns:
      order_id: order_id
      line_no: line
      ordered_at: created_at
      product_id: sku
      quantity: qty
      unit_price: price
      is_sample: is_sample

  # The tills export lines only; orders are derived from them. The lines have no number,
  # so equal lines of one file are real repeats (the same article scanned twice).
  - name: pos
    entity: order_lines
    path: data/pos/sales_*.csv
    options: {encoding: gb18030, delimiter: ","}
    columns:
      order_id: 流水号
      store_id: 门店编号
      ordered_at: 交易时间
      customer_id: 会员卡号          # empty without a member card
      product_id: 商品编码
      quantity: 数量
      unit_price: 单价
      channel: "'门店'"              # a constant is an expression too
      status: >-
        case 状态
          when '已完成' then 'completed'
          when '已退货' then 'refunded'
          when '已作废' then 'cancelled'
        end

  # JSON keeps its types: ts is a number, epoch milliseconds.
  - name: app
    entity: interactions
    path: data/app/events_*.jsonl
    columns:
      event_id: event_id
      customer_id: uid
      event_type: event
      occurred_at: ts
      channel: channel
      campaign_id: campaign
      content_id: content
      product_id: sku
      scene: scene
      referred_customer_id: invitee
      value: value

  # These times have no offset and are not in the shop's timezone, so name theirs.
  - name: wecom
    entity: interactions
    path: data/wecom/events_*.parquet
    timezone: UTC
    columns:
      customer_id: external_contact
      event_type: event
      occurred_at: created_at
      persona: staff
      channel: channel
      campaign_id: campaign
      content_id: content

  # If the file has the canonical names, `columns` may be left out.
  - name: consents
    entity: consents
    path: data/crm/consents.csv

  - name: identities
    entity: identities
    path: data/crm/identities.tsv

  # Messages that were sent: frequency caps count these.
  - name: contacts
    entity: contacts
    path: data/crm/contacts_*.csv
    columns:
      touch_id: touch_id
      customer_id: customer_id
      channel: channel
      campaign_id: campaign
      sent_at: sent_at
      outcome: outcome

  # The arms of a randomised test that was run elsewhere; `control` is the baseline.
  - name: experiment
    entity: assignments
    path: data/crm/experiment_*.csv

# What destinations get of the published marts: files below
# warehouse/exports/<name>/<as-of>/, with a manifest. Each run, or `siyu export`,
# delivers what has changed since the last delivery.
destinations:
  # A tag in WeCom for each RFM segment: customers who get it or lose it.
  - name: wecom_tags
    template: wecom_tags
    audiences: [rfm_*]

  # Hashed phone numbers for an ad platform. Numbers that leave are sent as removals.
  - name: ad_platform
    template: ad_audience
    audiences: [play_wake_up, play_grow_interest]

  # The messages of today's journeys, each once ever. Templates can be overridden.
  - name: wecom_messages
    template: wecom_message
    touches: {channels: [wecom]}
    format: jsonl

  # All members of some audiences as a complete list, for a spreadsheet.
  - name: care_list
    audiences: [rfm_champions, rfm_cant_lose]
    mode: full
    columns:
      customer_id: customer_id
      audience: label_zh
      in_it_since: audience.since_date
      persona: customer.persona
      last_order_date: customer.last_order_date
"""
