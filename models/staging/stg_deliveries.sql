-- grain: one row per touch (touch_id) that was given to a destination before this day
with landed as (
    select * from {{ source('landing', 'deliveries') }}
),

-- What is given out today is made from this very build, and counts from tomorrow on.
earlier as (
    select
        touch_id,
        min(customer_id) as customer_id,
        min(channel) as channel,
        min(as_of_date) as delivered_date
    from landed
    where as_of_date < {{ as_of_date() }}
    group by touch_id
)

select * from earlier
